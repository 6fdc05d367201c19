"""Finds missing includes of standard headers: a header of the project uses a name of namespace std, but neither it nor
a header of the project that it includes has the include.

headers_test.py compiles each header alone, but with the headers of the system precompiled. So it cannot find these.
"""
import re

INCLUDE = re.compile(r'^#include (?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)
COMMENT = re.compile(r"//[^\n]*")
NAME = re.compile(r"\bstd::([a-z_0-9]+)")
HEADERS = {
    "algorithm": "copy equal max min partition_point ranges rotate sort",
    "array": "array",
    "atomic": "atomic atomic_flag atomic_ref memory_order_acquire memory_order_relaxed memory_order_release",
    "bit": "bit_cast bit_width byteswap countl_zero countr_zero endian has_single_bit popcount",
    "cctype": "isalnum isdigit",
    "charconv": "from_chars to_chars",
    "chrono": "chrono chrono_literals",
    "compare": "strong_ordering weak_ordering",
    "concepts": "convertible_to floating_point integral same_as",
    "condition_variable": "condition_variable",
    "cstdint": "int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t uintptr_t",
    "cstdlib": "abort exit getenv strtoul strtoull",
    "cstring": "memcmp memcpy memmove memset strlen",
    "deque": "deque",
    "expected": "expected unexpected",
    "filesystem": "filesystem",
    "fstream": "ifstream ofstream",
    "functional": "function less hash",
    "future": "future promise",
    "limits": "numeric_limits",
    "list": "list",
    "map": "map multimap",
    "memory": "enable_shared_from_this make_shared make_unique make_unique_for_overwrite shared_ptr "
    "static_pointer_cast unique_ptr weak_ptr",
    "mutex": "lock_guard mutex scoped_lock unique_lock",
    "optional": "nullopt optional",
    "random": "mt19937 mt19937_64 random_device",
    "set": "set multiset",
    "span": "span",
    "string": "getline string to_string",
    "string_view": "string_view",
    "system_error": "errc error_code",
    "thread": "jthread this_thread thread",
    "tuple": "apply tie tuple",
    "type_traits": "has_unique_object_representations_v integral_constant invoke_result_t is_const_v is_same_v "
    "is_trivially_copyable_v is_trivially_destructible_v remove_reference_t",
    "unordered_map": "unordered_map unordered_multimap",
    "variant": "variant",
    "vector": "vector",
}
HEADER_OF = {name: header for header, names in HEADERS.items() for name in names.split()}
# Standard headers that include others (by the standard, or in all libraries).
DECLARES = {
    "string": {"string_view", "initializer_list", "compare"},
    "charconv": {"system_error"},
    "thread": {"chrono", "compare"},
    "condition_variable": {"mutex", "chrono"},
}


def lacking(texts):
    """Yields (header of the project, name, standard header) for each missing include.

    `texts`: {path: text} of all headers of the project.
    """
    includes = {path: INCLUDE.findall(text) for path, text in texts.items()}

    def reached(path, seen):
        if path not in seen and path in includes:
            seen.add(path)
            for own, _ in includes[path]:
                if own:
                    reached(own, seen)
        return seen

    for path, text in sorted(texts.items()):
        there = {system for each in reached(path, set()) for _, system in includes[each] if system}
        there |= {more for header in there for more in DECLARES.get(header, ())}
        for name in sorted(set(NAME.findall(COMMENT.sub("", text)))):
            header = HEADER_OF.get(name)
            if header and header not in there:
                yield path, name, header
