"""Commands of training: corpora, the generator, the emotion head, evaluation. Entry point: one module per command."""
