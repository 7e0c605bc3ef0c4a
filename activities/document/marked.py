"""Reads YAML into plain text values that remember their line, so that every fault can be told where it stands.

All scalars stay text (`no` is Norway's code, `10:30` an hour); anchors and aliases are refused, which also keeps a
small file from unfolding into a large one.
"""

from dataclasses import dataclass

import yaml

from accounts.spelling import NOT_IN_XML


class Wrong(Exception):
    """The document cannot be used; `faults` say what is wrong, each with its line."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


@dataclass(frozen=True)
class Text:
    """A scalar."""

    line: int
    value: str


@dataclass(frozen=True)
class Rows:
    """A list."""

    line: int
    items: "list[Marked]"


@dataclass(frozen=True)
class Facts:
    """A mapping."""

    line: int
    items: "dict[str, Marked]"


Marked = Text | Rows | Facts
LARGEST = 1_000_000
DEEPEST = 20


def read(text: str) -> Facts:
    """Return the document's mapping; raises Wrong."""
    if len(text) > LARGEST:
        raise Wrong([f"The document is longer than {LARGEST:,} characters."])
    try:
        _check_events(text)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        raise Wrong([f"{where}This is not YAML: {getattr(error, 'problem', None) or error}."]) from None
    if not isinstance(node, yaml.MappingNode):
        raise Wrong(["line 1: The document must begin with keys such as provider and activity."])
    marked = _marked(node)
    assert isinstance(marked, Facts)  # noqa: S101 (a mapping node gives facts)
    return marked


def _check_events(text: str) -> None:
    """Refuse aliases, and depth before a parser spends seconds on it."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise Wrong(["Anchors and aliases are not used in these documents. Write the values out."])
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise Wrong([f"line {line}: The document is nested too deeply."])


def _marked(node: yaml.Node) -> Marked:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        items: dict[str, Marked] = {}
        for key, value in node.value:
            name = str(key.value)
            if name in items:
                raise Wrong([f"line {key.start_mark.line + 1}: “{name}” stands here for the second time."])
            items[name] = _marked(value)
        return Facts(line, items)
    if isinstance(node, yaml.SequenceNode):
        return Rows(line, [_marked(item) for item in node.value])
    text = str(node.value)
    if NOT_IN_XML.search(text):
        raise Wrong([f"line {line}: A character stands here that no text may have."])
    return Text(line, text)


class Dumper(yaml.SafeDumper):
    """Writes texts of several lines as blocks and never uses aliases."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 (PyYAML's signature)
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


Dumper.add_representer(str, _text)


def write(facts: dict[str, object]) -> str:
    """Return plain values as YAML in the given order."""
    return str(yaml.dump(facts, Dumper=Dumper, sort_keys=False, allow_unicode=True, width=110))
