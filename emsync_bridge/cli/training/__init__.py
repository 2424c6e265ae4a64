"""Commands of training: corpora, the generator, the emotion head, evaluation. Way in: one module per command."""
