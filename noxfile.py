"""The habits of the project, one session a habit: `nox` alone runs what CI runs, `nox --list` names them all."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import tempfile
from pathlib import Path

import nox

PROJECT = nox.project.load_toml("pyproject.toml")
SHIPPED: list[str] = [
    *PROJECT["project"]["dependencies"],
    *(requirement for extra in PROJECT["project"]["optional-dependencies"].values() for requirement in extra),
]
PACKAGES = ("accounts_client", "accounts_client_runtime", "accounts_client_testing")
LOCK = "requirements/dev.txt"
PRISM_TESTS = "tests/fakes/test_prism.py"
IN_PARALLEL = ("--numprocesses=auto", "--maxprocesses=4", "--dist=worksteal")
PYTEST = ("pytest", f"--ignore={PRISM_TESTS}")  # those are slow, and the same on each Python: a session of their own
MYPY = ("mypy", "generated", "overrides", "generator", "tests", "examples", "benchmarks", "noxfile.py")
VALIDATE = ("python", "-m", "generator", "--validate")
APART = ("--ignore=tests/generator", "--ignore=tests/specs")  # the same on each Python, and nothing of it is shipped
OVER_SOCKETS = [f"tests/overrides/test_{name}.py" for name in ("transport", "wire", "secrets")]
SUPPORTED = nox.project.python_versions(PROJECT)
RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"

nox.options.sessions = [
    "fresh",
    "specs",
    "lint",
    "types",
    "consumers",
    "build",
    "demo",
    "api-diff",
    "any-document",
    "prism",
    "lowest",
    "tests",
    "transports",
]
nox.options.reuse_venv = "yes"
nox.options.download_python = "never"
nox.options.error_on_missing_interpreters = False

# pyenv hides the Pythons that are not switched on; the sessions use each one that is installed.
PYENV = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
os.environ["PATH"] = os.pathsep.join([os.environ["PATH"], *sorted(map(str, PYENV.glob("versions/3.*/bin")))])


@nox.session
def generate(session: nox.Session) -> None:
    """Write generated/accounts_client from the specs."""
    install(session, ["generate"])
    session.run("python", "-m", "generator")


@nox.session
def fresh(session: nox.Session) -> None:
    """Fail when generated/ differs from what the specs give: a changed, missing or stale file."""
    install(session, ["generate"])
    session.run("python", "-m", "generator", "--check")


@nox.session
def specs(session: nox.Session) -> None:
    """Validate each spec, with its shared parts put in, as an OpenAPI document."""
    install(session, ["specs"])
    session.run(*VALIDATE)


@nox.session
def drift(session: nox.Session) -> None:
    """Tell where the specs differ from the vendors' pages, saved as the files after `--`; `--fix` mends some of it."""
    install(session, ["generate"])
    session.run("python", "-m", "generator", "drift", *session.posargs)


@nox.session
def refresh(session: nox.Session) -> None:
    """Make all changes that the pages after `--` demand, in specs, package, changelog and version, or none."""
    install(session, ["types"], "--editable", ".[aiohttp]")
    checks = [f"--check={shlex.join(command)}" for command in (VALIDATE, MYPY, ("pyright",), PYTEST)]
    # An interrupted run needs a moment to end its commands and to take its copy away.
    session.run(
        *("python", "-m", "generator.refresh", *checks, *session.posargs), interrupt_timeout=30, terminate_timeout=30
    )


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, format and the direction of imports."""
    install(session, ["lint"])
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("lint-imports", "--no-cache", env={"PYTHONPATH": os.pathsep.join(["generated", "overrides", "."])})


@nox.session
def types(session: nox.Session) -> None:
    """Check all code with mypy and pyright, strict, and that the shipped packages are typed completely."""
    install(session, ["types"], "--editable", ".[aiohttp]")
    session.run(*MYPY)
    session.run("pyright")
    for package in PACKAGES:
        session.run("pyright", "--verifytypes", package, "--ignoreexternal")


@nox.session
@nox.parametrize("form", ["wheel", "editable"])
def consumers(session: nox.Session, form: str) -> None:
    """Check user code, right and wrong, against the installed library from a folder outside the tree."""
    install(session, ["checkers"], *(["--editable", "."] if form == "editable" else ["."]))
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree("tests/consumers", folder, dirs_exist_ok=True)
        with session.chdir(folder):
            session.run("mypy", "--strict", "consumer.py", "wrong_calls.py")
            session.run("pyright")
            session.run("python", "consumer.py")


@nox.session
def build(session: nox.Session) -> None:
    """Build the source distribution, and the wheel from it, into dist/ and check what they hold."""
    install(session, ["build", "test"], "--editable", ".")
    shutil.rmtree("dist", ignore_errors=True)
    session.run("python", "-m", "build")
    session.run("pytest", "tests/habits/test_distributions.py", "--distributions=dist")


@nox.session(requires=["generate"], reuse_venv=False)
def demo(session: nox.Session) -> None:
    """Generate the client, install its wheel in a clean environment and run the quickstart against the fakes."""
    with tempfile.TemporaryDirectory() as folder:
        session.run("python", "-m", "pip", "wheel", "--no-deps", "--wheel-dir", folder, ".")
        session.install("--constraint", LOCK, *map(str, Path(folder).glob("*.whl")))
    credentials = [name for name in os.environ if name.startswith(("TRUTO_", "COPERNIQ_"))]
    session.run("python", "examples/quickstart.py", *session.posargs, env=dict.fromkeys(credentials))


@nox.session(name="api-diff")
def api_diff(session: nox.Session) -> None:
    """Tell what changed for users since the last release, or since the Git revision after `--`; test that, too."""
    install(session, ["api-diff"], "--editable", ".")
    session.run("pytest", "tests/generator/api_diff", "tests/generator/refresh")  # the second one sends itself signals
    latest = session.run(
        "git", "describe", "--tags", "--abbrev=0", "--match=v*", external=True, silent=True, success_codes=[0, 128]
    )
    revision = session.posargs[0] if session.posargs else str(latest).strip()
    if not session.posargs and not revision.startswith("v"):
        session.log("nothing is released yet: there is no version to compare with")
        return
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder, "old.tar")
        session.run("git", "archive", f"--output={archive}", revision, "generated", "overrides", external=True)
        shutil.unpack_archive(archive, folder)
        session.run("python", "-m", "generator.api_diff", folder, "--changelog")


@nox.session(name="any-document")
def any_document(session: nox.Session) -> None:
    """Make packages of random and of hostile OpenAPI documents, and check their types."""
    install(session, ["api-diff", "checkers"], "--editable", ".")
    session.run("pytest", *IN_PARALLEL, "tests/generator/any_document", *session.posargs)


@nox.session
def nightly(session: nox.Session) -> None:
    """The same with thousands of random documents, other ones each night."""
    install(session, ["api-diff"], "--editable", ".")
    random_documents = "tests/generator/any_document/test_random_documents.py"
    session.run("pytest", random_documents, "--documents=3000", "--hypothesis-profile=explore", *session.posargs)


@nox.session
def prism(session: nox.Session) -> None:
    """Send the traffic between clients and fakes through Prism, where npm is there."""
    if not shutil.which("npm"):
        session.skip("npm is not here, and so neither is Prism")
    # Without scripts: one of them would report the installation to its author.
    folder = "tests/fakes/prism"
    session.run("npm", "install", "--no-package-lock", "--ignore-scripts", "--prefix", folder, external=True)
    install(session, ["test"], "--editable", ".")
    session.run("pytest", PRISM_TESTS, *session.posargs)


@nox.session(python=SUPPORTED if RUNNING in SUPPORTED else [*SUPPORTED, RUNNING])
def tests(session: nox.Session) -> None:
    """Run the tests on each supported Python of this machine; arguments after `--` go to pytest."""
    install(session, ["test"], "--editable", ".[aiohttp]")
    install_qs(session)
    session.run(*PYTEST, *IN_PARALLEL, *(() if session.python == SUPPORTED[0] else APART), *session.posargs)


@nox.session(python=SUPPORTED[0])
def lowest(session: nox.Session) -> None:
    """Run the tests with the oldest versions of the shipped dependencies that pyproject.toml allows."""
    bounds = [requirement.replace(">=", "==") for requirement in SHIPPED]
    names = tuple(bound.partition("==")[0] + "==" for bound in bounds)
    others = [line for line in Path(LOCK).read_text().splitlines() if not line.startswith(names)]
    with tempfile.TemporaryDirectory() as folder:
        constraints = Path(folder, "constraints.txt")
        constraints.write_text("\n".join([*bounds, *others]))
        install(session, ["test"], "--editable", ".[aiohttp]", lock=str(constraints))
    install_qs(session)
    session.run(*PYTEST, *IN_PARALLEL, *APART, *session.posargs)


@nox.session(python=SUPPORTED[0])
def coverage(session: nox.Session) -> None:
    """Run the tests and fail where they reach less than 98 % of the runtime, branches counted."""
    install(session, ["coverage"], "--editable", ".[aiohttp]")
    install_qs(session)
    measure = ("coverage", "run", "--branch", "--source=accounts_client_runtime")
    session.run(*measure, "-m", *PYTEST, *APART, *session.posargs)
    session.run(*measure, "--append", "-m", "pytest", "--transport=aiohttp", *OVER_SOCKETS)
    session.run("coverage", "report", "--show-missing", "--skip-covered", "--fail-under=98", "--precision=2")


@nox.session(python=SUPPORTED[0])
def mutation(session: nox.Session) -> None:
    """Change the runtime in one place at a time and list what no test notices; arguments after `--` name modules."""
    install(session, ["mutation"], *SHIPPED)
    session.run("python", "-m", "tests.mutation", *session.posargs)


@nox.session
@nox.parametrize("library", ["httpx", "httpx2", "aiohttp"])
def transports(session: nox.Session, library: str) -> None:
    """Run the tests of what goes over sockets with each HTTP library; arguments after `--` choose other tests."""
    install(session, ["test"], "--editable", ".[aiohttp]")
    session.run("pytest", *IN_PARALLEL, f"--transport={library}", *(session.posargs or OVER_SOCKETS))


@nox.session
def bench(session: nox.Session) -> None:
    """Measure the library beside its peers, in environments of their own; arguments after `--` name the questions."""
    install(session, ["generate"])
    session.run("python", "-m", "benchmarks", *session.posargs)


@nox.session(python=SUPPORTED[0], reuse_venv=False)
def lock(session: nox.Session) -> None:
    """Write the newest versions that pyproject.toml allows into the lock of the development environment."""
    session.install(*SHIPPED, *nox.project.dependency_groups(PROJECT, "dev"))
    versions = session.run("python", "-m", "pip", "freeze", silent=True)
    Path(LOCK).write_text(f"# The versions that every session installs; `nox -s lock` renews them.\n{versions}")


def install(session: nox.Session, groups: list[str], *arguments: str, lock: str = LOCK) -> None:
    """Install dependency groups, and what else the arguments ask of pip, at the locked versions."""
    session.install("--constraint", lock, *nox.project.dependency_groups(PROJECT, *groups), *arguments)


def install_qs(session: nox.Session) -> None:
    """Install the JavaScript reader of query strings that the tests compare with, where npm is there."""
    if shutil.which("npm"):
        session.run("npm", "install", "--no-package-lock", "--prefix", "tests/overrides/qs", external=True)
    else:
        session.log("npm is not here: the tests compare query strings with the Python twin of qs only")
