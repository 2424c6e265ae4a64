"""Data of the arranger, made from written music: the critic of motifs, the bank of motifs, figures of accompaniment.

Each module runs by ``python -m`` and writes one file into ``music/arranging``; ``measures`` judges a theme model.
"""
