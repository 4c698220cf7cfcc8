"""The usual way through a map, as generated Python: the same results as the rules, sooner.

The rules of ``gateway.translation.forms`` are the meaning of a map. Of a map whose forms allow it,
this package generates one function an element, with the common values inlined. Whatever is unusual
(an element out of place, a value that needs a closer look) is left to the rules: the function asks
them, or gives up and the translation starts again with them. Nothing is refused here.
"""
