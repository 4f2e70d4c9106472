"""Draft questions out of sentences: which sentences are fit, what can be asked of them, which to take."""
