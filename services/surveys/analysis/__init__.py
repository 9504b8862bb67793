"""Figures of a closed survey beside its ranking: read the answers, compute outside of any write, store once.

`material` reads, `closed` turns elements into what the tables count, `figures` computes, stores and shows.
"""
