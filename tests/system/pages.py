"""Reads the user documentation as data: fenced blocks, the commands in them, links and headings.

A fence selects the test of its block:

    ```console                 docs_test runs each `$ command` and compares its output with the lines below it
    ```console lab             failover_readme_test runs it, in network namespaces
    ```console container       container_test runs it with a container engine
    ```console ci              continuous integration runs it (.ci/run)
    ```toml                    a whole configuration: `waymark check` accepts it
    ```toml PATH               an excerpt: that file contains its lines; "..." is a gap (also ```dns PATH, ```ini PATH)
    ```text, ```ini            shown only: diagrams, and files of other programs
    ```text NAME.conf          the configuration of another server: transfer_test runs it

In a console block the line "..." stands for any number of output lines. A command line that ends with a backslash
continues on the next line. A line that begins with "# " is a comment.
"""
import re
from dataclasses import dataclass, field

import support

DELEGATED = {"lab": "failover_readme_test", "container": "container_test", "ci": ".ci/run"}
CI_COMMANDS = {
    "./test.sh",
    "cmake --preset release",
    "cmake --build build/release --target waymark",
}  # test.sh, and the commands that it runs
GENERATED = {"docs/performance.md"}  # tests/bench/performance.py writes it; its rows are as wide as the figures require
OF_PEERS = ("named.conf", "nsd.conf", "knot.conf")  # transfer_test runs them
MOST_COLUMNS = 120


@dataclass
class Step:
    """A command, and the output lines that the page shows below it. Lines before a block's first command have no
    command."""

    command: str = None
    source: list = field(default_factory=list)  # the command's lines as in the page
    shown: list = field(default_factory=list)


@dataclass
class Block:
    language: str
    argument: str
    line: int  # of the fence, starting at 1
    start: int  # of the block's contents, in the page's text
    end: int
    text: str

    @property
    def is_commands(self):
        return self.language == "console"


class Page:
    """A Markdown file of the project, named by its path from the root."""

    def __init__(self, path):
        self.path = path
        self.name = str(path.relative_to(support.SOURCE))
        self.text = path.read_text()

    def blocks(self):
        found = []
        for match in re.finditer(r"^```([^\n]*)\n(.*?)^```$", self.text, re.S | re.M):
            language, _, argument = match[1].strip().partition(" ")
            line = self.text.count("\n", 0, match.start()) + 1
            found.append(Block(language, argument.strip(), line, match.start(2), match.end(2), match[2]))
        return found

    def prose(self):
        """The page without the contents of its fences, which contain no links and no headings."""
        return re.sub(r"^```[^\n]*\n.*?^```$", "", self.text, flags=re.S | re.M)

    def links(self):
        """The targets of inline links, images and reference definitions."""
        prose = re.sub(r"`[^`\n]*`", "", self.prose())
        return re.findall(r"\]\(([^)\s]+)\)", prose) + re.findall(r"^\[(?!\^)[^\]]+\]:\s+(\S+)", prose, re.M)

    def anchors(self):
        """The anchors that GitHub generates from the headings."""
        headings = re.findall(r"^#+ +(.+)$", self.prose(), re.M)
        return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def steps(text):
    """The steps of a console block."""
    found = [Step()]
    lines = iter(text.splitlines())
    for line in lines:
        if line.startswith("$ "):
            step = Step(line[2:], [line])
            while step.command.endswith("\\"):
                step.source.append(next(lines))
                step.command = step.command[:-1].rstrip() + " " + step.source[-1].strip()
            found.append(step)
        elif line.startswith("# "):
            found.append(Step(source=[line]))
        else:
            found[-1].shown.append(line)
    return [step for step in found if step.source or step.shown]


def user_pages():
    """README, its translation, and the guides of docs/."""
    paths = [
        support.SOURCE / "README.md",
        support.SOURCE / "README.ja.md",
        *sorted((support.SOURCE / "docs").glob("*.md")),
    ]
    return [Page(path) for path in paths]


def all_pages():
    return user_pages() + [Page(support.SOURCE / name) for name in ("CHANGELOG.md", "CONTRIBUTING.md")]


def delegated(argument):
    """[(page's name, step)] of the console blocks with this argument, which another test runs."""
    return [
        (page.name, step)
        for page in user_pages()
        if page.name not in GENERATED
        for block in page.blocks()
        if block.is_commands and block.argument == argument
        for step in steps(block.text)
        if step.command
    ]
