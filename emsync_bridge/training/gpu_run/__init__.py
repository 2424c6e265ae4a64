"""A training run on a machine that has a GPU and nothing else: ``python -m emsync_bridge.training.gpu_run``.

``pack`` puts corpus, code and settings into one folder; ``python FOLDER/train.py --out OUT`` trains there; ``install``
joins what came back, verifies it and puts it where checkpoints are.
"""
