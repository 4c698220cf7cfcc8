"""Specimens of the forms that treat a value unusually: joined, cut, kept, one-way, by a class."""

from typing import Any

from gateway.adapter_kit.specimen_schemas import CODE, DATE, LINE, TEXT, array_of, object_of

TEXTS: tuple[dict[str, Any], ...] = (
    {
        "name": "texts with a separator between them",
        "form": "join",
        "rules": """
  - { join: [agency, file, part], separator: "/", wire: "@reference", lastOptional: true }
  - { join: [deep.street, deep.number], separator: " # ", wire: s:street, optional: true }
  - { api: text, wire: s:text }
""",
        "broken": """
  - { join: [agency], separator: "", wire: "@reference" }
  - { api: text, wire: s:text }
  - { join: [nowhere, file], separator: "/", wire: s:more }
""",
        "messages": (
            ' reference="a/b"><s:text>x</s:text>',
            ' reference="a/b/c"><s:street>Weg # Å</s:street><s:text>x</s:text>',
        ),
        "refused": (
            ' reference="a"><s:text>x</s:text>',
            ' reference="a//c"><s:text>x</s:text>',
            ' reference="a/b/c/d"><s:text>x</s:text>',
            ' reference="a/b"><s:street>Weg 1</s:street><s:text>x</s:text>',
        ),
        "schema": object_of(
            {"part": CODE, "deep": object_of(street=CODE, number=CODE)},
            agency=CODE,
            file=CODE,
            text=TEXT,
        ),
    },
    {
        "name": "values that travel in one direction",
        "form": "only",
        "rules": """
  - { api: hint, wire: "@hint", optional: true, only: write, reason: "nobody reads it back" }
  - group: { wire: s:deep, api: deep, optional: true }
    rules:
      - { api: stamp, wire: "@stamp", optional: true, only: read, reason: "the registry stamps" }
      - { api: line, wire: "." }
  - { api: text, wire: s:text }
  - { api: note, wire: s:note, only: write, optional: true, reason: "a remark for the clerk" }
""",
        "broken": """
  - { api: text, wire: s:text, only: write, reason: "required all the same" }
  - { api: note, wire: s:note, only: read, optional: true }
""",
        "messages": (
            '><s:deep stamp="s">y</s:deep><s:text>x</s:text>',
            ' hint="h"><s:text>x</s:text><s:note>n</s:note>',
        ),
        "refused": (' other="s"><s:text>x</s:text>',),
        "schema": object_of(
            {"hint": LINE, "note": TEXT, "deep": object_of({"stamp": LINE}, line=LINE)}, text=TEXT
        ),
    },
    {
        "name": "a type that an adapter brings",
        "form": "python",
        "rules": """
  - { api: born, wire: s:born, python: "gateway.adapter_kit.specimen_codec:DayFirst" }
  - api: died
    wire: "@died"
    python: "gateway.adapter_kit.specimen_codec:DayFirst"
    optional: true
""",
        "broken": """
  - { api: born, wire: s:born, python: "gateway.adapter_kit.specimen_codec:Reading" }
  - { api: died, wire: "@died", python: "gateway.adapter_kit.specimen_codec:Nobody" }
""",
        "messages": (' died="01022020"><s:born>31012019</s:born>',),
        "refused": (
            "><s:born>2020-02-01</s:born>",
            "><s:born>30022020</s:born>",
            "><s:born>1022020</s:born>",
        ),
        "schema": object_of({"died": DATE}, born=DATE),
    },
    {
        "name": "nodes kept beside the document",
        "form": "keep",
        "rules": """
  - { keep: "the registry wants its mark back", wire: "@mark" }
  - { api: text, wire: s:text }
  - each: { wire: s:item, api: items, optional: true }
    rules:
      - { api: id, wire: "@id" }
      - { keep: "the registry wants its own note back", wire: s:note }
  - { keep: "the registry wants its blocks back", wire: s:block }
""",
        "broken": '  - { api: text, wire: s:text }\n  - { keep: "", wire: s:block }',
        "messages": (
            ' mark="m"><s:text>x</s:text><s:block a="1"><b/></s:block><s:block/>',
            (
                '><s:text>x</s:text><s:item id="1"/><s:item id="2"><s:note>n</s:note></s:item>'
                '<s:item id="3"><s:note>n</s:note><s:note/></s:item>'
            ),
        ),
        "refused": ("><s:block/><s:text>x</s:text>",),
        "schema": object_of({"items": array_of(object_of(id=CODE))}, text=TEXT),
    },
    {
        "name": "texts cut to their place",
        "form": "truncate",
        "rules": """
  - { api: note, wire: "@note", truncate: "the form has a short line", length: 3, optional: true }
  - { api: text, wire: s:text, truncate: "the form has five places", length: 5 }
  - each: { wire: s:item, api: items, optional: true }
    rules:
      - { api: line, wire: ".", truncate: "the form has two places", length: 2 }
""",
        "broken": """
  - { api: note, wire: "@note", truncate: "", length: 3, optional: true }
  - { api: text, wire: s:text, truncate: "why", length: 0 }
""",
        "messages": ("><s:text>A\u030a</s:text><s:item>xy</s:item>",),
        "refused": (
            "><s:item>xy</s:item>",
            "><s:text>x</s:text><s:item>xyz</s:item>",
        ),
        "schema": object_of({"note": TEXT, "items": array_of(object_of(line=LINE))}, text=TEXT),
    },
)
