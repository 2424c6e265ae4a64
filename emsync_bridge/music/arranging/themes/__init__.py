"""Themes: motifs and their critic, the bank of motifs, themes that grow from them, and how they are stated."""
