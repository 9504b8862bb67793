"""The elements of an instrument as pages show, read and change them. Works on the JSON of the surveys service alone.

`piping` and `rows` show, `reading` reads what was answered, `faults` names what is wrong; `typed` and `changes` serve the
builder, `wording` says conditions in plain words, `gaps` counts missing halves.
"""
