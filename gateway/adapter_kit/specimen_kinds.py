"""Specimens of what tells elements of several kinds apart, and of parallel lists."""

from typing import Any

from gateway.adapter_kit.specimen_schemas import CODE, DATE, LINE, TEXT, array_of, object_of, tagged

KINDS: tuple[dict[str, Any], ...] = (
    {
        "name": "a repeated choice",
        "form": "each",
        "rules": """
  - { api: text, wire: s:text }
  - each: { api: entries, optional: true }
    choice: kind
    rules:
      - { when: note, api: note, wire: s:note }
      - when: person
        group: { wire: s:person }
        rules:
          - { api: name, wire: "@name" }
          - { each: { wire: s:nick, api: nicks, optional: true } }
      - when: place
        group: { wire: s:place, api: place }
        rules:
          - { api: town, wire: "." }
  - { api: last, wire: s:last, optional: true }
""",
        "broken": """
  - each: { api: entries, optional: true }
    choice: kind
    rules:
      - { when: note, api: note, wire: s:note }
      - { when: person, api: name, wire: s:note }
""",
        "messages": (
            (
                "><s:text>x</s:text><s:note>1</s:note><s:person name='a'><s:nick>b</s:nick>"
                "</s:person><s:note>2</s:note><s:place>c</s:place><s:last/>"
            ),
        ),
        "refused": (
            "><s:note>1</s:note><s:text>x</s:text>",
            "><s:text>x</s:text><s:note>1</s:note><s:note><s:b/></s:note>",
            "><s:text>x</s:text><s:other/>",
            "><s:text>x</s:text><s:last/><s:note>1</s:note>",
        ),
        "schema": object_of(
            {
                "entries": array_of(
                    tagged(
                        "kind",
                        {
                            "note": {"note": TEXT},
                            "person": {"name": LINE, "nicks": array_of(TEXT)},
                            "place": {"place": object_of(town=LINE)},
                        },
                    )
                ),
                "last": TEXT,
            },
            text=TEXT,
        ),
    },
    {
        "name": "elements whose type says what they are",
        "form": "choice",
        "rules": """
  - group: { wire: s:party, api: party }
    choice: kind
    on: "@i:type"
    rules:
      - { when: person, is: "s:Person", rules: [ { api: name, wire: s:name } ] }
      - when: office
        is: "s:Office"
        rules:
          - { api: name, wire: s:name }
          - { api: town, wire: "@town", optional: true }
      - { when: nobody, rules: [ { api: reason, wire: "." } ] }
  - each: { wire: s:item, api: items, optional: true }
    choice: kind
    on: "@kind"
    rules:
      - { when: a, is: "1", rules: [ { api: text, wire: s:text } ] }
      - { when: b, is: "2", rules: [ { api: code, wire: s:text, as: code } ] }
""",
        "broken": """
  - group: { wire: s:party, api: party }
    choice: kind
    on: "@i:type"
    rules:
      - { when: person, is: "s:Person", rules: [ { api: name, wire: s:name } ] }
      - { when: office, is: "s:Person", rules: [ { api: name, wire: s:name } ] }
""",
        "messages": (
            (
                " xmlns:i='http://www.w3.org/2001/XMLSchema-instance'>"
                "<s:party>why</s:party><s:item kind='2'><s:text>a</s:text></s:item>"
                "<s:item kind='1'><s:text>a</s:text></s:item>"
            ),
        ),
        "refused": (
            "><s:party kind='1'>why</s:party>",
            "><s:party>why</s:party><s:item kind='3'><s:text>a</s:text></s:item>",
            "><s:party>why</s:party><s:item><s:text>a</s:text></s:item>",
        ),
        "schema": object_of(
            {
                "items": array_of(
                    tagged("kind", {"a": {"text": TEXT}, "b": {"code": CODE}}),
                )
            },
            party={
                "oneOf": [
                    object_of(kind={"const": "person"}, name=TEXT),
                    object_of({"town": LINE}, kind={"const": "office"}, name=TEXT),
                    object_of(kind={"const": "nobody"}, reason=LINE),
                ]
            },
        ),
    },
    {
        "name": "parallel lists",
        "form": "zip",
        "rules": """
  - { api: text, wire: s:text }
  - zip: deep.stays
    lists: [ { api: place, wire: s:place }, { api: since, wire: s:since, as: date } ]
    optional: true
  - zip: pairs
    lists: [ { api: a, wire: s:a }, { api: b, wire: s:b } ]
""",
        "broken": """
  - { api: text, wire: s:text }
  - { zip: deep.stays, lists: [ { api: place, wire: s:place } ], optional: true }
  - { zip: pairs, lists: [ { api: a, wire: s:a }, { api: c, wire: s:b } ] }
""",
        "messages": (
            (
                "><s:text>x</s:text><s:place>a</s:place><s:place>b</s:place>"
                "<s:since>2020-01-01</s:since><s:since> 2021-01-01 </s:since><s:a/><s:b/>"
            ),
        ),
        "refused": (
            "><s:text>x</s:text><s:place>a</s:place><s:a/><s:b/>",
            "><s:text>x</s:text><s:a/><s:a/><s:b/>",
            "><s:text>x</s:text>",
            "><s:text>x</s:text><s:b/><s:a/>",
            "><s:text>x</s:text><s:place>a</s:place><s:since>a</s:since><s:a/><s:b/>",
        ),
        "schema": object_of(
            {"deep": object_of(stays=array_of(object_of(place=TEXT, since=DATE)))},
            text=TEXT,
            pairs=array_of(object_of(a=TEXT, b=TEXT)),
        ),
    },
)
