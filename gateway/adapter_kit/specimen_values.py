"""Specimens of the forms that hold one value: rules, a broken variant, schema, messages."""

from typing import Any

from gateway.adapter_kit.specimen_schemas import (
    AMOUNT,
    BOOLEAN,
    CODE,
    DATE,
    LINE,
    NUMBER,
    PARTIAL,
    TEXT,
    array_of,
    object_of,
    tagged,
)

VALUES: tuple[dict[str, Any], ...] = (
    {
        "name": "values of every type",
        "form": "api",
        "rules": """
  - { api: note, wire: "@note", optional: true }
  - { api: text, wire: s:text }
  - { api: deep.line, wire: line, optional: true }
  - { api: code, wire: s:code, as: code }
  - { api: digits, wire: s:digits, as: digits, optional: true }
  - { api: number, wire: s:number, as: integer, optional: true }
  - { api: amount, wire: s:amount, as: decimal, optional: true }
  - { api: yes, wire: s:yes, as: boolean, optional: true }
  - { api: flag, wire: s:flag, as: flag, optional: true }
  - { api: day, wire: s:day, as: date, optional: true }
  - { api: moment, wire: s:moment, as: datetime, optional: true }
  - { api: some, wire: s:some, as: partialDate, optional: true }
  - { api: id, wire: "@id", as: uuid, optional: true }
  - { api: bytes, wire: s:bytes, as: base64, optional: true }
  - { api: plan, wire: s:plan, as: attachment, optional: true }
""",
        "broken": "  - { api: nowhere, wire: s:text }",
        "messages": (
            "><s:text>Å</s:text><s:code> a </s:code><s:yes>1</s:yes>",
            (
                ' note="Å"><s:text/><s:code>a</s:code><s:number> 007 </s:number>'
                "<s:amount>-0.50</s:amount>"
            ),
            "><s:text>x</s:text><s:code>a</s:code><s:flag> 1 </s:flag><s:bytes>QQ ==</s:bytes>",
        ),
        "refused": (
            "><s:text>x</s:text>",
            "><s:code>a</s:code><s:text>x</s:text>",
            "><s:text>x</s:text><s:code>a</s:code><s:flag>false</s:flag>",
            "><s:text>x</s:text><s:code>a</s:code><s:day>2025-02-30</s:day>",
            "><s:text>x</s:text><s:code>a</s:code><s:text>y</s:text>",
            "><s:text><s:b/></s:text><s:code>a</s:code>",
            ">loose<s:text>x</s:text><s:code>a</s:code>",
            (
                '><s:text xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"/>'
                "<s:code>a</s:code>"
            ),
        ),
        "schema": object_of(
            {
                "note": TEXT,
                "deep": object_of(line=LINE),
                "digits": {"type": "string", "x-pattern": "ags"},
                "number": NUMBER,
                "amount": AMOUNT,
                "yes": BOOLEAN,
                "flag": {"const": True},
                "day": DATE,
                "moment": {"type": "string", "x-pattern": "dateTime"},
                "some": PARTIAL,
                "id": {"type": "string", "x-pattern": "uuid"},
                "bytes": {"type": "string", "x-pattern": "base64"},
                "plan": {"type": "string", "x-pattern": "uuid", "x-attachment": True},
            },
            text=TEXT,
            code=CODE,
        ),
    },
    {
        "name": "parts of a partial date",
        "form": "api",
        "rules": """
  - api: born
    wire: s:born
    as: partialDate
    parts: { day: s:d, month: s:m, year: y }
    optional: true
  - { api: died, wire: s:died, as: partialDate, parts: { day: s:d, year: y } }
""",
        "broken": "  - { api: born, wire: s:born, as: date, parts: { day: s:d } }",
        "messages": ("><s:died> <s:d> 2020-02-01 </s:d> </s:died>",),
        "refused": (
            "><s:died>2020-02-01</s:died>",
            "><s:died><s:m>2020-02</s:m></s:died>",
            "><s:died><s:d>2020</s:d></s:died>",
            "><s:died><s:d>2020-02-01</s:d><y>2020</y></s:died>",
        ),
        "schema": object_of({"born": PARTIAL}, died=PARTIAL),
    },
    {
        "name": "constants that must, always or never stand there",
        "form": "const",
        "rules": """
  - { const: Standard, wire: "@standard" }
  - { const: "1", wire: "@version", write: always }
  - { const: "urn:list", wire: "@list", write: never }
  - { const: fixed, wire: s:fixed, write: always }
  - { const: hidden, wire: s:hidden, write: never }
  - { api: text, wire: s:text }
""",
        "broken": '  - { const: "", wire: "@standard" }\n  - { api: text, wire: s:text }',
        "messages": (
            ' standard="Standard"><s:text>x</s:text>',
            (
                ' standard="Standard" version="1" list="urn:list"><s:fixed>fixed</s:fixed>'
                "<s:hidden>hidden</s:hidden><s:text>x</s:text>"
            ),
            ' standard=" Standard "><s:text>x</s:text>',
        ),
        "refused": (
            "><s:text>x</s:text>",
            ' standard="Other"><s:text>x</s:text>',
            ' standard="Standard"><s:hidden>no</s:hidden><s:text>x</s:text>',
        ),
        "schema": object_of(text=TEXT),
    },
    {
        "name": "supplied values, objects and arrays",
        "form": "supply",
        "rules": """
  - { supply: message.id, api: id, wire: "@id", as: uuid, correlates: true }
  - group: { wire: s:sender, api: sender }
    rules:
      - { supply: sender.name, api: name, wire: s:name }
      - each: { wire: s:contact, api: contacts, optional: true }
        supply: sender.contacts
        rules:
          - { api: address, wire: s:address }
""",
        "broken": '  - { supply: message.id, api: nowhere, wire: "@id" }',
        "schema": object_of(
            id={"type": "string", "x-pattern": "uuid", "x-supplied": "message.id"},
            sender=object_of(
                {"contacts": array_of(object_of(address=TEXT))}, name={**TEXT, "x-supplied": "name"}
            ),
        ),
    },
    {
        "name": "dropped attributes and elements",
        "form": "drop",
        "rules": """
  - { drop: "a hint, not data", wire: "@hint" }
  - { drop: "for display only", wire: s:display }
  - { api: text, wire: s:text }
""",
        "broken": '  - { drop: "", wire: "@hint" }\n  - { api: text, wire: s:text }',
        "messages": (
            (
                ' hint="h"><s:display>a</s:display><s:display><s:deep at="t">a</s:deep>'
                "</s:display><s:text>x</s:text>"
            ),
        ),
        "schema": object_of(text=TEXT),
    },
    {
        "name": "codes, many to one, and unknown ones kept",
        "form": "codes",
        "rules": """
  - { api: sex, wire: "@sex", as: code, codes: { m: male, w: female } }
  - { api: status, wire: s:status, codes: { a: open, b: open, c: closed }, preferred: { open: b } }
  - api: reason
    wire: s:reason
    as: code
    codes: { "1": late, "2": lost }
    fallback: other
    optional: true
""",
        "broken": "  - { api: status, wire: s:status, codes: { a: open, b: open, c: closed } }",
        "messages": (
            ' sex="m"><s:status>a</s:status>',
            ' sex=" m "><s:status>b</s:status><s:reason> 1 </s:reason>',
        ),
        "refused": (
            ' sex="q"><s:status>a</s:status>',
            ' sex="m"><s:status> a </s:status>',
        ),
        "schema": object_of(
            {"reason": tagged("code", {"late": {}, "lost": {}, "other": {"original": CODE}})},
            sex={"type": "string", "enum": ["male", "female"]},
            status={"type": "string", "enum": ["open", "closed"]},
        ),
    },
    {
        "name": "list, fixed by the standard and named by the message",
        "form": "list",
        "rules": """
  - { const: "urn:colours", wire: "@uri", write: never }
  - { api: version, wire: "@version", optional: true }
  - { api: colour, wire: s:colour, as: code, list: { uri: "@uri", version: "@version" } }
  - { api: shade, wire: s:shade, as: code, optional: true, list: { uri: "urn:s", version: 2 } }
""",
        "broken": '  - { api: colour, wire: s:colour, list: { uri: "u", version: "@e" } }',
        "messages": (
            " version='1'><s:colour>red</s:colour>",
            ' uri="urn:colours"><s:colour> red </s:colour><s:shade>07</s:shade>',
        ),
        "refused": (' uri="urn:shades"><s:colour>red</s:colour>',),
        "schema": object_of({"version": TEXT, "shade": CODE}, colour=CODE),
    },
    {
        "name": "defaults that are written, or left out",
        "form": "default",
        "rules": """
  - { api: note, wire: "@note", optional: true }
  - { api: currency, wire: "@currency", default: EUR }
  - { api: language, wire: "@language", default: de, write: always }
  - { api: count, wire: s:count, as: integer, default: 1 }
  - { api: urgent, wire: s:urgent, as: boolean, default: false, write: never }
  - { api: kind, wire: s:kind, codes: { n: normal, x: express }, default: normal, write: always }
""",
        "broken": '  - { api: note, wire: "@note", default: none }',
        "messages": (
            ">",
            (
                ' currency="EUR" language="de"><s:count>1</s:count><s:urgent>false</s:urgent>'
                "<s:kind>n</s:kind>"
            ),
            ' currency="CHF"><s:count>01</s:count><s:urgent>0</s:urgent>',
        ),
        "refused": (' currency=""><s:count>1</s:count>',),
        "schema": object_of(
            {"note": TEXT},
            currency={"type": "string", "enum": ["EUR", "CHF"]},
            language={"type": "string", "enum": ["de", "en"]},
            count={"type": "integer", "minimum": 1, "maximum": 3},
            urgent=BOOLEAN,
            kind={"type": "string", "enum": ["normal", "express"]},
        ),
    },
    {
        "name": "counts, sums, positions and lengths",
        "form": "computed",
        "rules": """
  - { computed: count items, wire: "@count", as: integer, optional: true }
  - { computed: sum items.amount, wire: s:total, as: decimal }
  - { computed: length text, wire: s:length, as: integer }
  - { api: text, wire: s:text }
  - each: { wire: s:item, api: items, optional: true }
    rules:
      - { computed: index, wire: "@position", as: integer }
      - { api: amount, wire: s:amount, as: decimal, optional: true }
  - { each: { wire: s:number, api: numbers, as: integer, optional: true } }
  - { computed: sum numbers, wire: s:sum, as: integer }
""",
        "broken": "  - { computed: count nowhere, wire: s:count, as: integer }\n"
        "  - { api: text, wire: s:text }",
        "messages": (
            (
                "><s:total>1.5</s:total><s:length>1</s:length><s:text>x</s:text>"
                '<s:item position="1"><s:amount>1.50</s:amount></s:item><s:sum>0</s:sum>'
            ),
            (
                ' count="+1"><s:total>0</s:total><s:length>01</s:length><s:text>x</s:text>'
                '<s:item position=" 1"/><s:number>3</s:number><s:sum>3</s:sum>'
            ),
        ),
        "refused": (
            (
                ' count="2"><s:total>0</s:total><s:length>1</s:length><s:text>x</s:text>'
                "<s:sum>0</s:sum>"
            ),
            "><s:total>0</s:total><s:length>2</s:length><s:text>x</s:text><s:sum>0</s:sum>",
            (
                "><s:total>2.00</s:total><s:length>1</s:length><s:text>x</s:text>"
                '<s:item position="1"><s:amount>1.50</s:amount></s:item><s:sum>0</s:sum>'
            ),
            (
                "><s:total>0</s:total><s:length>1</s:length><s:text>x</s:text>"
                '<s:item position="2"/><s:sum>0</s:sum>'
            ),
            (
                "><s:total>0</s:total><s:length>1</s:length><s:text>x</s:text>"
                "<s:number>3</s:number><s:sum>4</s:sum>"
            ),
        ),
        "schema": object_of(
            {"items": array_of(object_of({"amount": AMOUNT})), "numbers": array_of(NUMBER)},
            text=TEXT,
        ),
    },
    {
        "name": "a criterion that the format cannot take, a block that the document cannot",
        "form": "unsupported",
        "rules": """
  - { unsupported: "the format has no place for objects of this kind", api: more.extra }
  - { api: more.line, wire: s:line, optional: true }
  - { api: text, wire: s:text }
  - { unsupported: "no caller may see this block", wire: s:secret }
  - { unsupported: "no caller may see this mark", wire: "@secret" }
""",
        "broken": """
  - { unsupported: "required all the same", api: text }
  - { unsupported: "", wire: s:secret }
""",
        "messages": ("><s:text>x</s:text>",),
        "refused": (
            "><s:text>x</s:text><s:secret/>",
            ' secret="x"><s:text>x</s:text>',
        ),
        "schema": object_of(
            {"more": object_of({"extra": object_of({"deep": TEXT}, line=LINE)}, line=LINE)},
            text=TEXT,
        ),
    },
    {
        "name": "a subtree that the map does not look into",
        "form": "opaque",
        "rules": """
  - { api: text, wire: s:text }
  - { opaque: deep.extension, wire: s:extension, optional: true }
""",
        "broken": "  - { opaque: text, wire: s:text }\n  - { opaque: nowhere, wire: s:extension }",
        "messages": (
            (
                '><s:text>x</s:text><s:extension xmlns:o="urn:other" o:z="1" a="2">'
                '<o:b xmlns="urn:more"><c/></o:b></s:extension>'
            ),
        ),
        "refused": (
            "><s:text>x</s:text><s:extension/><s:extension/>",
            "><s:extension/><s:text>x</s:text>",
        ),
        "schema": object_of(
            {
                "deep": object_of(
                    extension={
                        "type": "string",
                        "x-pattern": "xml",
                        "examples": [
                            '<s:extension xmlns:s="urn:specimen"></s:extension>',
                            (
                                '<s:extension xmlns:s="urn:specimen" a="1"><o:b xmlns:o="urn:other"'
                                "> ä</o:b><c></c></s:extension>"
                            ),
                        ],
                    }
                )
            },
            text=TEXT,
        ),
    },
)
