"""Qizhen: a self-assessment for manufacturers, with a bilingual improvement report.

Nothing is wired here, so that a process loads no more than it needs: see `application`.
"""
