"""Tests of questionnaires, waves, codes and answers."""
