"""`python -m survey.worker`: makes reports, packs and trial reports until told to stop.

An entry of its own, so that a worker loads what prints and nothing of the site.
"""

import os
import signal
import sys
import threading
from functools import partial

import click

from survey import jobs
from survey.pdf import render, signing
from survey.services import making, pack_making, trial_making
from survey.services.making import Printing
from survey.terminal import read_settings, run_command, usable_fonts


@click.command()
@click.option("--beside", is_flag=True, help="Stop when standard input ends.")
def worker(*, beside: bool) -> None:
    """Make reports, preparation packs and trial reports until told to stop."""
    settings = read_settings()
    if beside:
        threading.Thread(target=_stop_with_input, daemon=True).start()
    folder = usable_fonts(settings)
    signing.self_made(settings.certificate)
    signer = signing.load(settings.certificate, settings.certificate_password)
    printing = Printing(folder, settings.accent, settings.base_url, signer, settings.issuer)
    jobs.run_worker(
        settings,
        jobs.Reports(settings, partial(making.make, printing)),
        jobs.Packs(partial(pack_making.make, printing)),
        jobs.Trials(partial(trial_making.make, printing)),
        warm_up=partial(render.warm_up, folder, settings.accent),
    )


def _stop_with_input() -> None:
    """However the site ended, even killed, its worker does not outlive it."""
    os.read(0, 1)  # not sys.stdin: its lock, held here, would break the interpreter's own end
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(run_command(worker, None, name="survey worker"))
