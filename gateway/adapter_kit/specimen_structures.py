"""Specimens of the forms that hold other rules: rules, a broken variant, schema, messages."""

from typing import Any

from gateway.adapter_kit.specimen_schemas import (
    CODE,
    DATE,
    LINE,
    NUMBER,
    TEXT,
    array_of,
    object_of,
    tagged,
)

STRUCTURES: tuple[dict[str, Any], ...] = (
    {
        "name": "nested optional groups with and without objects",
        "form": "group",
        "rules": """
  - group: { wire: s:outer, optional: true }
    rules:
      - { const: k, wire: "@kind" }
      - group: { wire: inner, optional: true }
        rules:
          - { api: a, wire: s:a, optional: true }
          - { api: b, wire: s:b, optional: true }
      - group: { wire: s:object, api: thing, optional: true }
        rules:
          - { api: c, wire: ".", optional: true }
          - { api: d, wire: "@d" }
      - { api: e, wire: s:e, optional: true }
  - group: { wire: s:always }
    rules:
      - { api: f, wire: s:f, optional: true }
""",
        "broken": """
  - group: { wire: s:outer, optional: true }
    rules:
      - { const: k, wire: s:kind }
""",
        "messages": (
            '><s:outer kind="k"/><s:always/>',
            '><s:outer kind="k"><inner/></s:outer><s:always/>',
            '><s:outer kind="k"><s:object d="1"/></s:outer><s:always/>',
        ),
        "refused": (
            "><s:outer><s:e>x</s:e></s:outer><s:always/>",
            '><s:outer kind="k"><s:object/></s:outer><s:always/>',
        ),
        "schema": object_of(
            {"a": TEXT, "b": TEXT, "thing": object_of({"c": TEXT}, d=LINE), "e": TEXT, "f": TEXT}
        ),
    },
    {
        "name": "arrays of values and of objects",
        "form": "each",
        "rules": """
  - { api: text, wire: "@text", optional: true }
  - { each: { wire: s:word, api: words, optional: true } }
  - { each: { wire: s:number, api: numbers, as: integer } }
  - each: { wire: s:marked, api: marked, optional: true }
    rules:
      - { const: m, wire: "@mark" }
      - { api: ".", wire: s:value, as: code }
  - each: { wire: s:item, api: items, optional: true }
    rules:
      - { api: text, wire: ".", optional: true }
      - { api: lines, wire: "@line", optional: true }
""",
        "broken": "  - { each: { wire: s:word, api: text } }\n"
        "  - { each: { wire: s:number, api: numbers, as: integer } }",
        "schema": object_of(
            {
                "words": array_of(TEXT),
                "marked": array_of(CODE),
                "items": array_of(object_of({"lines": TEXT}, text=TEXT)),
                "text": TEXT,
            },
            numbers=array_of(NUMBER),
        ),
    },
    {
        "name": "branches of a value, of several siblings, and of nothing",
        "form": "choice",
        "rules": """
  - group: { wire: s:who }
    rules:
      - choice: kind
        rules:
          - when: person
            rules:
              - { api: given, wire: s:given }
              - { api: family, wire: s:family, optional: true }
              - { each: { wire: s:title, api: titles, optional: true } }
          - { when: company, api: name, wire: s:name }
          - { when: several, each: { wire: s:member, api: members } }
          - { when: fixed, const: "true", wire: s:fixed, as: boolean }
          - { when: nobody, otherwise: true }
""",
        "broken": """
  - choice: kind
    rules:
      - { when: company, api: name, wire: s:name }
""",
        "refused": (
            "><s:who><s:given>a</s:given><s:name>b</s:name></s:who>",
            "><s:who><s:family>a</s:family></s:who>",
            "><s:who><s:name>a</s:name><s:name>a</s:name></s:who>",
        ),
        "schema": {
            "oneOf": [
                object_of(
                    {"family": TEXT, "titles": array_of(LINE)},
                    kind={"const": "person"},
                    given=TEXT,
                ),
                object_of(kind={"const": "company"}, name=TEXT),
                object_of(kind={"const": "several"}, members=array_of(TEXT)),
                object_of(kind={"const": "fixed"}),
                object_of(kind={"const": "nobody"}),
            ]
        },
    },
    {
        "name": "an array of tagged objects, and an optional choice",
        "form": "choice",
        "rules": """
  - each: { wire: s:part, api: parts, optional: true }
    rules:
      - choice: kind
        rules:
          - { when: text, api: text, wire: s:text }
          - when: number
            group: { wire: s:wrapped }
            rules:
              - { api: number, wire: s:number, as: integer }
  - group: { wire: s:end, api: end, optional: true }
    choice: by
    rules:
      - { when: day, api: day, wire: day, as: date }
      - { when: word, api: word, wire: word }
""",
        "broken": """
  - each: { wire: s:part, api: parts, optional: true }
    rules:
      - choice: kind
        rules:
          - { when: text, api: text, wire: s:text }
          - { when: text, api: number, wire: s:number, as: integer }
""",
        "refused": (
            "><s:part/>",
            "><s:end/>",
            "><s:end><day>2020-01-01</day><word>x</word></s:end>",
        ),
        "schema": object_of(
            {
                "parts": array_of(
                    tagged("kind", {"text": {"text": TEXT}, "number": {"number": NUMBER}})
                ),
                "end": tagged("by", {"day": {"day": DATE}, "word": {"word": LINE}}),
            }
        ),
    },
    {
        "name": "a fragment with parameters",
        "form": "use",
        "rules": """
  - { use: pair, with: { api: first, wire: s:first } }
  - { use: pair, with: { api: second, wire: s:second, optional: true } }
""",
        "broken": "  - { use: pair, with: { api: first } }",
        "fragments": """
fragments:
  pair:
    parameters: { api: , wire: , optional: false }
    rules:
      - group: { wire: $wire, api: $api, optional: $optional }
        rules:
          - { api: left, wire: s:left }
          - { api: right, wire: s:right, optional: true }
""",
        "schema": object_of(
            {"second": object_of({"right": TEXT}, left=TEXT)},
            first=object_of({"right": TEXT}, left=TEXT),
        ),
    },
    {
        "name": "a fragment that uses itself",
        "form": "use",
        "rules": "  - { use: tree, with: {} }",
        "broken": "  - { use: forest, with: {} }",
        "fragments": """
fragments:
  tree:
    parameters: {}
    rules:
      - { api: name, wire: s:name }
      - each: { wire: s:branch, api: branches, optional: true }
        rules:
          - { use: tree, with: {} }
""",
        "schema": {
            "$ref": "#/$defs/tree",
            "$defs": {
                "tree": object_of({"branches": array_of({"$ref": "#/$defs/tree"})}, name=TEXT)
            },
        },
    },
    {
        "name": "told apart by an attribute or a child",
        "form": "where",
        "rules": """
  - { api: mail, wire: s:contact, where: { "@type": mail }, optional: true }
  - { api: phone, wire: s:contact, where: { "@type": phone } }
  - group: { wire: s:party, api: buyer, optional: true }
    where: { s:role: BY }
    rules:
      - { api: name, wire: s:name }
  - group: { wire: s:party, api: seller }
    where: { s:role: SE }
    rules:
      - { api: name, wire: s:name, optional: true }
      - { api: number, wire: "@number", optional: true }
""",
        "broken": """
  - { api: mail, wire: s:contact, where: { "@type": mail }, optional: true }
  - { api: phone, wire: s:contact, where: { "@type": mail } }
""",
        "refused": (
            (
                '><s:contact type="fax">1</s:contact><s:contact type="phone">1</s:contact>'
                "<s:party><s:role>SE</s:role></s:party>"
            ),
            (
                '><s:contact>1</s:contact><s:contact type="phone">1</s:contact><s:party>'
                "<s:role>SE</s:role></s:party>"
            ),
            (
                '><s:contact type="phone">1</s:contact><s:contact type="phone">1</s:contact>'
                "<s:party><s:role>SE</s:role></s:party>"
            ),
            (
                '><s:contact type="phone">1</s:contact><s:party><s:role>SE</s:role>'
                "<s:role>BY</s:role></s:party>"
            ),
            '><s:contact type="phone">1</s:contact><s:party/>',
        ),
        "schema": object_of(
            {"mail": TEXT, "buyer": object_of(name=TEXT)},
            phone=TEXT,
            seller=object_of({"name": TEXT, "number": LINE}),
        ),
    },
)
"""Fields of each ``Specimen``."""
