"""The rule forms of the map language, one file each; a closed set, each with a known reverse."""
