"""Tests of strat_store against a server that speaks SQL over HTTP as sqld 0.24.33 was recorded to, over sqlite3."""

from __future__ import annotations

import base64
import contextlib
import io
import json
import math
import os
import random
import socket
import sqlite3
import struct
import subprocess
import sys
import threading
import time
import traceback
import unittest
from datetime import datetime, timedelta, timezone
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable, Iterator, Optional
from unittest import mock

import bot
import strat_store
from strat_store import Leg, Store, StoreError, Trade

TOKEN = "eyJhbGciOiJFZERTQSJ9.c2VjcmV0LWNsYWltcw.c2lnbmF0dXJl"
TABLES = [
    "CREATE TABLE portfolio_state (id INTEGER PRIMARY KEY AUTOINCREMENT, capital_allocated REAL NOT NULL, free_margin REAL NOT NULL,"
    " daily_stop_loss REAL NOT NULL, updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP)",
    "CREATE TABLE active_positions (id TEXT PRIMARY KEY /* UUID */, symbol TEXT NOT NULL, strike REAL NOT NULL,"
    " option_type TEXT NOT NULL /* CE | PE */, quantity INTEGER NOT NULL, entry_price REAL NOT NULL, stop_loss REAL, target_price REAL,"
    " entry_time TIMESTAMP DEFAULT CURRENT_TIMESTAMP)",
    "CREATE TABLE trade_logs (id TEXT PRIMARY KEY /* UUID */, timestamp TIMESTAMP DEFAULT CURRENT_TIMESTAMP, symbol TEXT NOT NULL,"
    " action TEXT NOT NULL /* BUY | SELL */, quantity INTEGER NOT NULL, price REAL NOT NULL,"
    " execution_reason TEXT NOT NULL /* ENTRY | STOP_LOSS_LEG | DAILY_SL_EXIT | EXPIRY */, pnl REAL)",
    "INSERT INTO portfolio_state (capital_allocated, free_margin, daily_stop_loss) VALUES (500000, 500000, 10000)",
]


class BadRequest(Exception):
    """A body that the real server answers with 400 in plain text."""


class SqlServer(ThreadingHTTPServer):
    """SQL over HTTP on a free loopback port. `faults` are used up by the next requests, one each."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.database = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        for sql in TABLES:
            self.database.execute(sql)
        self.database.set_authorizer(authorize)
        self.lock = threading.Lock()
        self.released = threading.Event()
        self.connections = 0
        self.bodies: list[dict[str, Any]] = []
        self.faults: list[dict[str, Any]] = []
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def rows(self, sql: str) -> list[Any]:
        with self.lock:
            return self.database.execute(sql).fetchall()

    def stop(self) -> None:
        self.released.set()
        self.shutdown()
        self.server_close()
        self.thread.join()
        self.database.close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is part of the tests."""


def authorize(action: int, table: Optional[str], *_: object) -> int:
    """The template's permissions: trade_logs may be read and added to, never changed or deleted from."""
    refused = table == "trade_logs" and action in (sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE)
    return sqlite3.SQLITE_DENY if refused else sqlite3.SQLITE_OK


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: SqlServer

    def setup(self) -> None:
        super().setup()
        self.server.connections += 1

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        fault = self.server.faults.pop(0) if self.server.faults else {}
        self.server.bodies.append(json.loads(content))
        if fault.get("kind") == "drop before":
            return self.drop()
        if fault.get("kind") == "hang before":
            self.server.released.wait(5)
            return self.drop()
        if fault.get("kind") == "respond":
            return self.answer(fault["status"], fault.get("body", ""), fault.get("headers", {}))
        status, body = self.pipeline(content)
        if fault.get("kind") == "drop after":
            return self.drop()
        if fault.get("kind") == "hang after":
            self.server.released.wait(5)
            return self.drop()
        if fault.get("kind") == "cut answer":
            return self.answer(status, body[:20], {"Content-Length": str(len(body))}, close=True)
        if fault.get("kind") == "respond after":
            return self.answer(fault["status"], fault.get("body", ""), {})
        self.answer(status, body, {}, close=fault.get("kind") == "close afterwards")

    def drop(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    def answer(self, status: int, body: str, headers: dict[str, str], close: bool = False) -> None:
        self.close_connection = close
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body.encode())), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body.encode())

    def pipeline(self, content: bytes) -> tuple[int, str]:
        if self.path != "/v2/pipeline":
            return 404, '{"error":"Namespace `nobody` doesn\'t exist"}'
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            return 401, '{"error":"Unauthorized: `The JWT is invalid`"}'
        try:
            requests = json.loads(content)["requests"]
            check_pipeline(requests)
            with self.server.lock:
                results = [run_request(self.server.database, request) for request in requests]
        except BadRequest as error:
            return 400, str(error)
        return 200, json.dumps({"baton": None, "base_url": None, "results": results})


def check_pipeline(requests: list[dict[str, Any]]) -> None:
    """The whole body is parsed before anything runs, as the real server does."""
    for request in requests:
        statements = [request["stmt"]] if request["type"] == "execute" else [step["stmt"] for step in request.get("batch", {}).get("steps", [])]
        for statement in statements:
            for value in [*statement.get("args", []), *(each["value"] for each in statement.get("named_args", []))]:
                parse_value(value)


def parse_value(value: dict[str, Any]) -> Any:
    """A bound value, as strictly as the recordings show; floats lose their last place as on the real server."""
    start = "Cannot deserialize client message from JSON: invalid"
    kind, content = value.get("type"), value.get("value")
    if kind == "null":
        return None
    if kind == "integer":
        if not isinstance(content, str):
            raise BadRequest(f"{start} type: integer `{content}`, expected a borrowed string at line 1 column 96")
        if not content.lstrip("-").isdigit() or not -(2**63) <= int(content) < 2**63:
            raise BadRequest(f'{start} value: string "{content}", expected decimal integer as a string at line 1 column 98')
        return int(content)
    if kind == "float":
        if not isinstance(content, (int, float)):
            raise BadRequest(f'{start} type: string "{content}", expected f64 at line 1 column 103')
        return math.nextafter(content, math.inf) if len(repr(float(content))) > 16 else float(content)
    if kind == "text":
        if not isinstance(content, str):
            raise BadRequest(f"{start} type: null, expected a string at line 1 column 96")
        return content
    if kind == "blob":
        text = value["base64"].rstrip("=")
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    raise BadRequest(f"Cannot deserialize client message from JSON: unknown variant `{kind}`, expected one of `null`, `integer`, `float`, `text`, `blob`")


def run_request(database: sqlite3.Connection, request: dict[str, Any]) -> dict[str, Any]:
    if request["type"] == "close":
        if database.in_transaction:
            database.execute("ROLLBACK")
        return {"type": "ok", "response": {"type": "close"}}
    if request["type"] == "execute":
        result, error = run_statement(database, request["stmt"])
        return {"type": "error", "error": error} if error else {"type": "ok", "response": {"type": "execute", "result": result}}
    return {"type": "ok", "response": {"type": "batch", "result": run_batch(database, request["batch"]["steps"])}}


def run_batch(database: sqlite3.Connection, steps: list[dict[str, Any]]) -> dict[str, Any]:
    results: list[Any] = []
    errors: list[Any] = []
    for step in steps:
        holds = "condition" not in step or evaluate(step["condition"], results)
        result, error = run_statement(database, step["stmt"]) if holds else (None, None)
        results.append(result)
        errors.append(error)
    return {"step_results": results, "step_errors": errors, "replication_index": "1"}


def evaluate(condition: dict[str, Any], results: list[Any]) -> bool:
    if condition["type"] == "not":
        return not evaluate(condition["cond"], results)
    if condition["type"] == "ok" and condition["step"] < len(results):
        return results[condition["step"]] is not None
    raise BadRequest("Invalid reference to step in a batch condition")


def run_statement(database: sqlite3.Connection, statement: dict[str, Any]) -> tuple[Any, Any]:
    args: Any = [parse_value(value) for value in statement.get("args", [])]
    if statement.get("named_args"):
        args = {each["name"].lstrip(":@$"): parse_value(each["value"]) for each in statement["named_args"]}
    changes = database.total_changes
    try:
        cursor = database.execute(statement["sql"], args)
        rows = cursor.fetchall()
    except (sqlite3.Error, sqlite3.Warning) as error:
        return None, translate(str(error))
    inserted = database.total_changes > changes and statement["sql"].lstrip().upper().startswith("INSERT")
    return {
        "cols": [{"name": column[0], "decltype": None} for column in cursor.description or []],
        "rows": [[encode(value) for value in row] for row in rows],
        "affected_row_count": database.total_changes - changes,
        "last_insert_rowid": str(cursor.lastrowid) if inserted else None,
    }, None


def translate(message: str) -> dict[str, str]:
    if "not authorized" in message or "prohibited" in message:
        return {"message": f"SQLite error: {message}", "code": "SQLITE_AUTH"}
    if "syntax error" in message:
        return {"message": f"SQL string could not be parsed: {message}", "code": "SQL_PARSE_ERROR"}
    if "constraint failed" in message:
        return {"message": f"SQLite error: {message}", "code": "SQLITE_CONSTRAINT"}
    if "bindings" in message or "binding" in message:
        return {"message": f"Arguments do not match SQL parameters: {message}", "code": "ARGS_INVALID"}
    if "one statement" in message:
        return {"message": "SQL string contains more than one statement", "code": "SQL_MANY_STATEMENTS"}
    if "no such column" in message:
        return {"message": f"SQL input error: {message} (at offset 7)", "code": "SQL_INPUT_ERROR"}
    return {"message": f"SQLite error: {message}", "code": "SQLITE_UNKNOWN"}


def encode(value: Any) -> dict[str, Any]:
    """A value as the real server writes it: blobs without padding, integral floats as integers, infinities as null."""
    if value is None:
        return {"type": "null"}
    if isinstance(value, int):
        return {"type": "integer", "value": str(value)}
    if isinstance(value, float):
        return {"type": "float", "value": None if math.isinf(value) else int(value) if value.is_integer() and abs(value) < 2**53 else value}
    if isinstance(value, bytes):
        return {"type": "blob", "base64": base64.b64encode(value).decode().rstrip("=")}
    return {"type": "text", "value": value}


def condor() -> list[Leg]:
    return bot.iron_condor(24000)


class StoreCase(unittest.TestCase):
    def setUp(self) -> None:
        self.server = SqlServer()
        self.addCleanup(self.server.stop)
        self.store = self.open_store()
        self.waits: list[float] = []
        self.store._sleep = self.waits.append

    def open_store(self, **options: Any) -> Store:
        store = Store(self.server.url, options.pop("token", TOKEN), **{"backoff": 0.001, "timeout": 5, **options})
        self.addCleanup(store.close)
        return store

    @contextlib.contextmanager
    def fails(self, code: str, **expected: Any) -> Iterator[list[StoreError]]:
        """Expects a StoreError, and that neither it nor its traceback, with every local variable, shows the token."""
        caught: list[StoreError] = []
        with self.assertRaises(StoreError) as raised:
            yield caught
        error = raised.exception
        caught.append(error)
        shown = f"{error} {error!r} {error.args} {''.join(traceback.format_exception(type(error), error, error.__traceback__))}"
        self.assertNotIn(TOKEN[:12], shown)
        self.assertEqual(error.code, code, str(error))
        for name, value in expected.items():
            self.assertEqual(getattr(error, name), value, f"{name} of {error}")

    def fault(self, *kinds: Any) -> None:
        self.server.faults = [{"kind": kind} if isinstance(kind, str) else {"kind": "respond", **kind} for kind in kinds]


class Values(StoreCase):
    def test_every_type_goes_in_and_comes_back(self) -> None:
        self.store.execute("CREATE TABLE v (x)")
        for value in [None, 0, -1, 2**53 + 1, 2**63 - 1, -(2**63), "", "₹ ñ 😀", "a\0b", "12.5", b"", b"\0\xff\x10\x20", bytes(range(256))]:
            with self.subTest(value=value):
                row = self.store.execute("INSERT INTO v VALUES (?) RETURNING x", [value]).rows[0]
                self.assertEqual(row, (value,))
                self.assertIs(type(row[0]), type(value))

    def test_booleans_become_integers(self) -> None:
        row = self.store.execute("SELECT ?, ?, typeof(?)", [True, False, True]).rows[0]
        self.assertEqual(row, (1, 0, "integer"))

    def test_floats_come_back_equal_from_a_real_column(self) -> None:
        self.store.execute("CREATE TABLE r (x REAL)")
        numbers = random.Random(4)
        floats = [tick * 0.05 for tick in range(300)] + [numbers.uniform(0, 5e5) for _ in range(300)] + [1e-7, -2.5, 1e20, 100000.0]
        self.store.batch([("INSERT INTO r VALUES (?)", [value]) for value in floats])
        rows = self.store.execute("SELECT x, typeof(x) FROM r ORDER BY rowid").rows
        self.assertEqual(rows, [(value, "real") for value in floats])
        self.assertTrue(all(type(row[0]) is float for row in rows))

    def test_floats_compare_with_a_real_column_and_need_a_cast_elsewhere(self) -> None:
        def count(condition: str) -> int:
            return int(self.store.execute(f"SELECT count(*) FROM portfolio_state WHERE {condition}", [10.5]).rows[0][0])

        self.assertEqual(count("free_margin > ?"), 1)
        self.assertEqual(count("free_margin * 2 > ?"), 0)
        self.assertEqual(count("free_margin * 2 > CAST(? AS REAL)"), 1)

    def test_no_float_is_ever_bound_as_a_float(self) -> None:
        self.store.execute("SELECT ?", [0.1 + 0.2])
        self.store.open_position(condor(), margin_change=-0.30000000000000004)
        self.assertNotIn('"float"', json.dumps(self.server.bodies))
        self.assertIn("0.30000000000000004", json.dumps(self.server.bodies))

    def test_subclasses_of_numbers_travel_as_plain_numbers(self) -> None:
        shouting = type("Shouting", (float,), {"__repr__": lambda self: "np.float64(1.5)", "__str__": lambda self: "x"})
        self.assertEqual(self.store.execute("SELECT CAST(? AS REAL)", [shouting(1.5)]).rows, [(1.5,)])

    def test_an_infinity_is_read_as_nan(self) -> None:
        row = self.store.execute("SELECT 9e999, -9e999, 9e999 - 9e999").rows[0]
        self.assertTrue(math.isnan(row[0]) and math.isnan(row[1]))
        self.assertIsNone(row[2])

    def test_values_that_cannot_be_stored_are_refused_before_anything_is_sent(self) -> None:
        for value in [math.nan, math.inf, -math.inf, 2**63, -(2**63) - 1, "\ud800", object(), datetime.now(), [1], {"a": 1}]:
            with self.subTest(value=value), self.fails("VALUE_INVALID", outcome_unknown=False):
                self.store.execute("SELECT ?", [value])  # type: ignore[list-item]
        for args in ["abc", b"abc"]:
            with self.subTest(args=args), self.fails("VALUE_INVALID"):
                self.store.execute("SELECT ?", args)  # type: ignore[arg-type]
        self.assertEqual(self.server.bodies, [])

    def test_named_arguments(self) -> None:
        self.assertEqual(self.store.execute("SELECT :a AS a, :b AS b", {"a": 1, "b": "two"}).dicts(), [{"a": 1, "b": "two"}])

    def test_a_result_tells_columns_rows_changes_and_the_rowid(self) -> None:
        self.store.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, x)")
        inserted = self.store.execute("INSERT INTO t (x) VALUES (1), (2)")
        self.assertEqual((inserted.columns, inserted.rows, inserted.affected_row_count, inserted.last_insert_rowid), ((), [], 2, 2))
        selected = self.store.execute("SELECT id, x FROM t")
        self.assertEqual((selected.columns, selected.affected_row_count, selected.last_insert_rowid), (("id", "x"), 0, None))

    def test_the_server_refuses_what_the_real_one_refuses(self) -> None:
        for value, words in [({"type": "float", "value": "100000.0"}, "expected f64"), ({"type": "integer", "value": 5}, "expected a borrowed string")]:
            body = json.dumps({"requests": [{"type": "execute", "stmt": {"sql": "SELECT ?", "args": [value]}}, {"type": "close"}]}).encode()
            failure = self.store._attempt(body)
            assert isinstance(failure, strat_store._Failure)
            self.assertEqual(failure.status, 400)
            self.assertIn(words, failure.message)


class Batches(StoreCase):
    def test_a_batch_is_one_request_of_begin_conditions_commit_rollback_and_close(self) -> None:
        results = self.store.batch(["SELECT 1 AS one", ("SELECT ? AS x", ["y"])])
        self.assertEqual([result.rows for result in results], [[(1,)], [("y",)]])
        [body] = self.server.bodies
        steps = body["requests"][0]["batch"]["steps"]
        self.assertEqual([step["stmt"]["sql"] for step in steps], ["BEGIN IMMEDIATE", "SELECT 1 AS one", "SELECT ? AS x", "COMMIT", "ROLLBACK"])
        self.assertEqual([step.get("condition") for step in steps[:4]], [None] + [{"type": "ok", "step": index} for index in range(3)])
        self.assertEqual(steps[4]["condition"], {"type": "not", "cond": {"type": "ok", "step": 3}})
        self.assertEqual(body["requests"][1], {"type": "close"})

    def test_a_failing_statement_undoes_all_and_is_named(self) -> None:
        insert = "INSERT INTO portfolio_state (capital_allocated, free_margin, daily_stop_loss) VALUES (1, 1, 1)"
        for index, bad in enumerate(["SELECT * FROM nope", "SELEC"]):
            statements = [insert, insert, insert]
            statements[index] = bad
            with self.subTest(bad=bad), self.fails(["SQLITE_UNKNOWN", "SQL_PARSE_ERROR"][index], statement=index, outcome_unknown=False):
                self.store.batch(statements)
        self.assertEqual(self.server.rows("SELECT count(*) FROM portfolio_state"), [(1,)])

    def test_a_commit_that_fails_names_no_statement(self) -> None:
        self.store.batch(["CREATE TABLE p (id INTEGER PRIMARY KEY)", "CREATE TABLE c (p REFERENCES p DEFERRABLE INITIALLY DEFERRED)"])
        self.store.execute("PRAGMA foreign_keys = ON")
        with self.fails("SQLITE_CONSTRAINT", statement=None):
            self.store.batch(["INSERT INTO c VALUES (9)"])
        self.assertEqual(self.server.rows("SELECT * FROM c"), [])

    def test_no_statements_are_no_request(self) -> None:
        self.assertEqual(self.store.batch([]), [])
        self.assertEqual(self.server.bodies, [])


class Verbs(StoreCase):
    def test_capital_is_the_newest_row(self) -> None:
        self.store.execute("INSERT INTO portfolio_state (capital_allocated, free_margin, daily_stop_loss) VALUES (1.5, 2.5, 3.5)")
        capital = self.store.capital()
        assert capital is not None
        self.assertEqual((capital.capital_allocated, capital.free_margin, capital.daily_stop_loss), (1.5, 2.5, 3.5))
        self.store.execute("DELETE FROM portfolio_state")
        self.assertIsNone(self.store.capital())

    def test_opening_four_legs_is_exactly_one_request(self) -> None:
        legs = condor()
        trades = self.store.open_position(legs, margin_change=-15000.5)
        self.assertEqual(len(self.server.bodies), 1)
        self.assertEqual([trade.id for trade in trades], [leg.id for leg in legs])
        self.assertEqual([(trade.action, trade.quantity) for trade in trades], [("SELL", 75), ("BUY", 75), ("SELL", 75), ("BUY", 75)])
        self.assertTrue(all(trade.execution_reason == "ENTRY" and trade.pnl is None for trade in trades))
        self.assertEqual([position.quantity for position in self.store.positions()], [-75, 75, -75, 75])
        self.assertEqual(self.server.rows("SELECT free_margin FROM portfolio_state ORDER BY id"), [(500000,), (484999.5,)])

    def test_closing_writes_exits_with_pnl_in_one_request(self) -> None:
        long = Leg("NIFTY24000CE", 24000, "CE", 75, 100.1, stop_loss=80, target_price=None)
        short = Leg("NIFTY24000PE", 24000, "PE", -50, 100.05)
        self.store.open_position([long, short])
        self.server.bodies.clear()
        trades = self.store.close_position([short.id, long.id], [90.1, 101.05], "STOP_LOSS_LEG", margin_change=1000)
        self.assertEqual(len(self.server.bodies), 1)
        self.assertEqual([(trade.action, trade.quantity, trade.price, trade.pnl) for trade in trades], [("BUY", 50, 90.1, 497.5), ("SELL", 75, 101.05, 71.25)])
        self.assertEqual(self.store.positions(), [])
        self.assertEqual(self.server.rows("SELECT max(free_margin) FROM portfolio_state"), [(501000,)])

    def test_prices_are_stored_to_the_last_digit(self) -> None:
        leg = Leg("X", 0.1 * 3, "CE", 1, 0.05 * 3, stop_loss=0.1 + 0.2, target_price=1 / 3)
        self.store.open_position([leg])
        [position] = self.store.positions()
        self.assertEqual((position.strike, position.entry_price, position.stop_loss, position.target_price), (0.1 * 3, 0.05 * 3, 0.1 + 0.2, 1 / 3))
        self.assertEqual(self.server.rows("SELECT typeof(strike), typeof(entry_price) FROM active_positions"), [("real", "real")])

    def test_one_bad_leg_opens_none(self) -> None:
        self.store.open_position(condor()[:1])
        before = self.snapshot()
        legs = condor()
        self.store.execute("INSERT INTO active_positions (id, symbol, strike, option_type, quantity, entry_price) VALUES (?, 'X', 1, 'CE', 1, 1)", [legs[2].id])
        with self.fails("SQLITE_CONSTRAINT", statement=2):
            self.store.open_position(legs, margin_change=-1)
        self.store.execute("DELETE FROM active_positions WHERE id = ?", [legs[2].id])
        self.assertEqual(self.snapshot(), before)

    def test_margin_without_a_capital_row_fails_and_opens_nothing(self) -> None:
        self.store.execute("DELETE FROM portfolio_state")
        with self.fails("SQLITE_CONSTRAINT"):
            self.store.open_position(condor(), margin_change=-1)
        self.assertEqual(self.store.positions(), [])

    def test_legs_that_cannot_be_are_refused_before_anything_is_sent(self) -> None:
        good = Leg("X", 1, "CE", 1, 1)
        bad: list[list[Any]] = [[], [good, good], [Leg("", 1, "CE", 1, 1)], [Leg("X", 1, "XX", 1, 1)]]  # type: ignore[arg-type]
        bad += [[Leg("X", 1, "CE", quantity, 1)] for quantity in (0, True, 1.5, "1")]  # type: ignore[arg-type]
        bad += [[Leg("X", 1, "CE", 1, price)] for price in (math.nan, math.inf, -1, "1", None) if price is not None]  # type: ignore[arg-type]
        bad += [[Leg("X", math.nan, "CE", 1, 1)], [Leg("X", 1, "CE", 1, 1, stop_loss=math.nan)]]
        for legs in bad:
            with self.subTest(legs=legs), self.fails("VALUE_INVALID"):
                self.store.open_position(legs)
        with self.fails("VALUE_INVALID"):
            self.store.open_position([good], margin_change=math.nan)
        exits: list[tuple[Any, Any, Any]] = [(["a"], [1, 2], "EXPIRY"), (["a"], [math.nan], "EXPIRY"), (["a"], [1], "ENTRY"), ("a", [1], "EXPIRY"), (["a", "a"], [1, 1], "EXPIRY")]
        for ids, prices, reason in exits:
            with self.subTest(ids=ids, prices=prices), self.fails("VALUE_INVALID"):
                self.store.close_position(ids, prices, reason)
        self.assertEqual(self.server.bodies, [])

    def test_opening_the_same_legs_again_adds_nothing(self) -> None:
        legs = condor()
        first = self.store.open_position(legs, margin_change=-1)
        before = self.snapshot()
        self.assertEqual(self.open_store().open_position(legs, margin_change=-1), first)
        self.assertEqual(self.snapshot(), before)

    def test_legs_that_were_closed_are_not_opened_again(self) -> None:
        legs = condor()
        self.store.open_position(legs)
        self.store.close_position([legs[0].id], [1], "EXPIRY")
        before = self.snapshot()
        with self.fails("LEG_CLOSED") as caught:
            self.store.open_position(legs, margin_change=-1)
        self.assertIn(legs[0].id, str(caught[0]))
        self.assertEqual(self.snapshot(), before)

    def test_closing_again_answers_the_first_trades_and_adds_nothing(self) -> None:
        legs = condor()
        self.store.open_position(legs)
        ids = [leg.id for leg in legs]
        first = self.store.close_position(ids, [1, 2, 3, 4], "EXPIRY", margin_change=5)
        before = self.snapshot()
        self.assertEqual(self.store.close_position(ids, [9, 9, 9, 9], "DAILY_SL_EXIT", margin_change=5), first)
        self.assertEqual(self.store.close_position(["never opened"], [9], "EXPIRY", margin_change=5), [])
        self.assertEqual(self.snapshot(), before)

    def test_trades_today_follow_the_time_zone(self) -> None:
        stamps = ["2025-11-21 18:29:59", "2025-11-21 18:30:00", "2025-11-22T09:00:00Z", "2025-11-22 23:59:59+05:30", "2025-11-22 18:30:00"]
        self.store.batch([("INSERT INTO trade_logs VALUES (?, ?, 'X', 'BUY', 1, 1, 'ENTRY', NULL)", [str(index), stamp]) for index, stamp in enumerate(stamps)])
        now = datetime(2025, 11, 22, 12, tzinfo=timezone.utc)
        self.assertEqual([trade.id for trade in self.store.trades_today(now=now)], ["1", "2", "3"])
        self.assertEqual([trade.id for trade in self.store.trades_today(timezone(timedelta(hours=5.5)), now=now)], ["1", "2", "3"])
        self.assertEqual([trade.id for trade in self.store.trades_today("UTC", now=now)], ["2", "3", "4"])
        with self.fails("VALUE_INVALID"):
            self.store.trades_today("Mars/Olympus")
        self.store.open_position(condor())
        self.assertEqual(len(self.store.trades_today()), 4)

    def test_the_verbs_need_no_right_to_change_or_delete_trades(self) -> None:
        with self.fails("SQLITE_AUTH"):
            self.store.execute("DELETE FROM trade_logs")
        legs = condor()
        self.store.open_position(legs)
        self.store.open_position(legs)
        self.assertEqual(len(self.store.close_position([leg.id for leg in legs], [1, 1, 1, 1], "EXPIRY")), 4)

    def snapshot(self) -> list[Any]:
        return [self.server.rows(f"SELECT * FROM {table} ORDER BY id") for table in ("portfolio_state", "active_positions", "trade_logs")]


class Retries(StoreCase):
    LOSSES = ("drop before", "drop after", "cut answer", "hang before", "hang after", {"status": 502, "body": "<h1>Bad Gateway</h1>"})

    def test_a_lost_reply_at_any_point_opens_and_closes_once(self) -> None:
        for loss in self.LOSSES:
            for losses in ([loss], ["drop after", loss], [loss, "drop after", "cut answer"]):
                with self.subTest(losses=losses):
                    self.open_and_close(losses)

    def open_and_close(self, losses: list[Any]) -> None:
        server = SqlServer()
        try:
            with Store(server.url, TOKEN, backoff=0.001, timeout=0.05) as store:
                legs = condor()
                steps: list[tuple[Callable[[], list[Trade]], Any]] = [
                    (lambda: store.open_position(legs, margin_change=-100), (4, 4, [(500000,), (499900,)])),
                    (lambda: store.close_position([leg.id for leg in legs], [1, 2, 3, 4], "EXPIRY", margin_change=40), (0, 8, [(500000,), (499900,), (499940,)])),
                ]
                for verb, expected in steps:
                    server.bodies.clear()
                    server.faults = [{"kind": kind} if isinstance(kind, str) else {"kind": "respond", **kind} for kind in losses]
                    self.assertEqual(len(verb()), 4)
                    self.assertEqual(len(server.bodies), len(losses) + 1)
                    found = tuple(server.rows(f"SELECT count(*) FROM {table}")[0][0] for table in ("active_positions", "trade_logs"))
                    self.assertEqual((*found, server.rows("SELECT free_margin FROM portfolio_state ORDER BY id")), expected)
        finally:
            server.stop()

    def test_a_leg_closed_between_two_tries_of_opening_stays_closed(self) -> None:
        leg = condor()[0]
        other = self.open_store()
        self.fault("drop after")
        self.store._sleep = lambda _: self.assertEqual(len(other.close_position([leg.id], [1], "EXPIRY")), 1)
        with self.fails("LEG_CLOSED"):
            self.store.open_position([leg], margin_change=-1)
        self.assertEqual(self.server.rows("SELECT count(*) FROM active_positions"), [(0,)])
        self.assertEqual(self.server.rows("SELECT count(*) FROM trade_logs"), [(2,)])

    def test_statements_are_not_sent_again_after_a_lost_reply_unless_idempotent(self) -> None:
        insert = "INSERT INTO portfolio_state (capital_allocated, free_margin, daily_stop_loss) VALUES (1, 1, 1)"
        for loss, code in [("drop after", "CONNECTION_LOST"), ("cut answer", "CONNECTION_LOST"), ({"status": 502}, "HTTP_502"), ({"status": 200, "body": "<html>"}, "ANSWER_INVALID")]:
            for call in (lambda: self.store.execute(insert), lambda: self.store.batch([insert])):
                self.server.bodies.clear()
                self.fault(loss)
                with self.subTest(loss=loss), self.fails(code, outcome_unknown=True) as caught:
                    call()
                self.assertIn("look before you send it again", str(caught[0]))
                self.assertEqual(len(self.server.bodies), 1)
        self.assertEqual(self.server.rows("SELECT count(*) FROM portfolio_state"), [(1 + 4,)])
        self.fault("drop after", "cut answer")
        self.assertEqual(self.store.execute("SELECT 1", idempotent=True).rows, [(1,)])

    def test_a_timeout_is_told_and_the_late_answer_is_never_read(self) -> None:
        store = self.open_store(timeout=0.05)
        self.fault("hang before")
        with self.fails("TIMEOUT", outcome_unknown=True):
            store.execute("SELECT 'late'")
        self.assertEqual(store.execute("SELECT 'own'").rows, [("own",)])

    def test_retry_after_in_seconds_is_obeyed_even_for_statements_that_are_not_idempotent(self) -> None:
        self.fault({"status": 429, "headers": {"Retry-After": "7"}})
        self.store.execute("CREATE TABLE t (x)")
        [wait] = self.waits
        self.assertTrue(7 <= wait < 7.1, wait)

    def test_retry_after_as_a_date_is_obeyed(self) -> None:
        self.fault({"status": 503, "headers": {"Retry-After": formatdate(time.time() + 30, usegmt=True)}}, {"status": 429, "headers": {"Retry-After": "soon"}})
        self.store.capital()
        self.assertTrue(28 < self.waits[0] < 31, self.waits)
        self.assertLess(self.waits[1], 1)

    def test_a_wait_that_is_too_long_is_told(self) -> None:
        self.fault({"status": 429, "headers": {"Retry-After": "3600"}})
        with self.fails("HTTP_429", outcome_unknown=False) as caught:
            self.store.capital()
        self.assertIn("3600", str(caught[0]))
        self.assertEqual(self.waits, [])

    def test_back_off_doubles_with_jitter_and_ends(self) -> None:
        self.store._backoff = 1
        self.fault(*[{"status": 503}] * 9)
        with self.fails("HTTP_503", status=503, outcome_unknown=True):
            self.store.capital()
        self.assertEqual(len(self.server.bodies), 5)
        for wait, most in zip(self.waits, [1, 2, 4, 8]):
            self.assertTrue(most / 2 <= wait <= most, self.waits)
        self.assertEqual(len(self.waits), 4)

    def test_an_unknown_outcome_stays_unknown_whatever_ends_the_tries(self) -> None:
        self.fault("drop after", {"status": 401})
        with self.fails("HTTP_401", outcome_unknown=True):
            self.store.open_position(condor())

    def test_a_server_that_is_not_there_is_tried_again_and_told(self) -> None:
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            store = Store(f"http://127.0.0.1:{unused.getsockname()[1]}", TOKEN, attempts=3)
            store._sleep = self.waits.append
            with self.fails("UNREACHABLE", outcome_unknown=False):
                store.execute("DELETE FROM t")
        self.assertEqual(len(self.waits), 2)

    def test_a_name_that_does_not_resolve_is_told(self) -> None:
        with mock.patch("socket.getaddrinfo", side_effect=socket.gaierror(-2, "Name or service not known")):
            with self.fails("UNREACHABLE") as caught, Store("https://nobody.invalid", TOKEN, attempts=1) as store:
                store.capital()
        self.assertIn("Name or service not known", str(caught[0]))


class Connection(StoreCase):
    def test_many_requests_take_one_connection(self) -> None:
        for _ in range(20):
            self.store.capital()
            self.store.batch(["SELECT 1"])
        with self.assertRaises(StoreError):
            self.store.execute("SELEC")
        self.fault({"status": 429})
        self.store.positions()
        self.assertEqual(self.server.connections, 1)

    def test_a_connection_that_the_server_closed_while_idle_is_replaced_before_sending(self) -> None:
        self.fault("close afterwards")
        self.store.execute("SELECT 1")
        deadline = time.monotonic() + 2
        connection = self.store._connection
        assert connection is not None
        while connection.sock and not strat_store._is_dropped(connection.sock) and time.monotonic() < deadline:
            time.sleep(0.001)
        self.store.execute("CREATE TABLE t (x)")
        self.assertEqual(self.server.connections, 2)

    def test_threads_take_turns(self) -> None:
        found: list[Any] = []
        threads = [threading.Thread(target=lambda n=n: found.append((n, self.store.execute("SELECT ?", [n]).rows[0][0]))) for n in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(found), [(n, n) for n in range(20)])
        self.assertEqual(self.server.connections, 1)

    def test_a_closed_store_opens_again_on_use(self) -> None:
        with self.store as store:
            store.capital()
        store.close()
        store.capital()
        self.assertEqual(self.server.connections, 2)

    def test_a_path_is_kept_with_and_without_a_slash(self) -> None:
        for url in ("https://127.0.0.1/dev/live-x", "https://127.0.0.1/dev/live-x/"):
            self.assertEqual(Store(url, TOKEN)._path, "/dev/live-x/v2/pipeline")


class Errors(StoreCase):
    def test_the_server_s_message_and_code_are_kept(self) -> None:
        for sql, code, words in [
            ("SELEC 1", "SQL_PARSE_ERROR", "could not be parsed"),
            ("SELECT * FROM nope", "SQLITE_UNKNOWN", "SQLite error: no such table: nope"),
            ("SELECT nope FROM trade_logs", "SQL_INPUT_ERROR", "no such column: nope"),
            ("INSERT INTO trade_logs (id) VALUES (1)", "SQLITE_CONSTRAINT", "NOT NULL constraint failed"),
            ("SELECT ?", "ARGS_INVALID", "Arguments do not match SQL parameters"),
            ("SELECT 1; SELECT 2", "SQL_MANY_STATEMENTS", "more than one statement"),
        ]:
            with self.subTest(sql=sql), self.fails(code, statement=0, status=None, outcome_unknown=False) as caught:
                self.store.execute(sql)
            self.assertIn(words, caught[0].message)
            self.assertIn(code, str(caught[0]))

    def test_answers_of_other_servers_are_told_with_what_to_do(self) -> None:
        blocked = {"results": [{"type": "error", "error": {"message": "Operation was blocked: quota spent", "code": "BLOCKED"}}]}
        for status, body, code, words in [
            (400, "JWT error: InvalidToken", "HTTP_400", "malformed"),
            (401, '{"error":"Unauthorized: `The JWT has expired`"}', "HTTP_401", "The JWT has expired"),
            (403, '{"error":"Authorization forbidden"}', "HTTP_403", "read-only"),
            (404, '{"error":"Namespace `b` doesn\'t exist"}', "HTTP_404", "No such database"),
            (400, '{"message":"The stream has expired due to inactivity","code":"STREAM_EXPIRED"}', "STREAM_EXPIRED", "inactivity"),
            (301, "", "HTTP_301", "301"),
            (200, json.dumps(blocked), "BLOCKED", "quota"),
            (404, f"<h1>{'x' * 5000}{TOKEN}</h1>", "HTTP_404", "xxx"),
            (401, f"{'x' * 280}{TOKEN}", "HTTP_401", "<database token>"),
            (401, f"You sent {TOKEN}", "HTTP_401", "<database token>"),
        ]:
            with self.subTest(body=body[:40]), self.fails(code) as caught:
                self.fault({"status": status, "body": body})
                self.store.capital()
            self.assertIn(words, str(caught[0]))
            self.assertLess(len(str(caught[0])), 500)
        self.assertEqual(self.waits, [])

    def test_a_200_that_is_no_database_s_answer_is_told(self) -> None:
        for body in ["", "<html>", "[]", "{}", '{"results":[]}', '{"results":[1]}', '{"results":[{"type":"ok"}]}', '{"results":[{"type":"ok","response":{"result":{}}}]}']:
            with self.subTest(body=body), self.fails("ANSWER_INVALID", outcome_unknown=True):
                self.fault({"status": 200, "body": body})
                self.store.execute("SELECT 1")

    def test_a_wrong_token_is_refused_once(self) -> None:
        with self.fails("HTTP_401", status=401):
            self.open_store(token="wrong").open_position(condor())
        self.assertEqual(len(self.server.bodies), 1)

    def test_the_token_is_in_no_repr_and_no_local_variable_of_a_traceback(self) -> None:
        self.store.capital()
        self.assertNotIn(TOKEN, f"{self.store!r} {self.store} {vars(self.store)}")
        for fault in ("drop after", {"status": 401, "body": TOKEN}, {"status": 502}):
            self.fault(fault)
            with self.assertRaises(StoreError) as raised:
                self.store.execute("SELECT 1")
            self.assertIsNone(raised.exception.__context__)
            self.assertNotIn(TOKEN, self.locals_of_the_store(self.store.execute, fault))

    def locals_of_the_store(self, call: Callable[[str], object], fault: Any) -> str:
        """The traceback of a failing call, with every local variable of the store's functions."""
        self.fault(fault)
        try:
            call("SELECT 1")
        except StoreError as error:
            assert error.__traceback__ is not None
            shown = traceback.TracebackException(StoreError, error, error.__traceback__.tb_next, capture_locals=True)
            return "".join(shown.format())
        raise AssertionError("It did not fail.")

    def test_tokens_that_no_header_can_carry_are_refused(self) -> None:
        for token in ["", " ", f"{TOKEN}\n", f"a {TOKEN}", "tökén", "a\0b"]:
            with self.subTest(token=token), self.fails("TOKEN_INVALID"):
                Store("https://example.turso.io", token)


class Environment(StoreCase):
    def from_env(self, **variables: str) -> Store:
        with mock.patch.dict(os.environ, variables):
            for name in {"TURSO_DB_URL", "TURSO_AUTH_TOKEN"} - set(variables):
                os.environ.pop(name, None)
            return Store.from_env()

    def test_the_environment_is_read_without_the_line_break_of_a_secret(self) -> None:
        with self.from_env(TURSO_DB_URL=f"{self.server.url}\n", TURSO_AUTH_TOKEN=f"{TOKEN}\n") as store:
            self.assertIsNotNone(store.capital())

    def test_missing_and_empty_variables_are_named(self) -> None:
        cases: list[tuple[dict[str, str], str]] = [
            ({}, "TURSO_DB_URL is not set"),
            ({"TURSO_DB_URL": " "}, "TURSO_DB_URL is empty"),
            ({"TURSO_DB_URL": "https://x.turso.io"}, "TURSO_AUTH_TOKEN is not set"),
            ({"TURSO_DB_URL": "https://x.turso.io", "TURSO_AUTH_TOKEN": ""}, "TURSO_AUTH_TOKEN is empty"),
        ]
        for variables, words in cases:
            with self.subTest(variables=variables), self.fails("ENV_MISSING") as caught:
                self.from_env(**variables)
            self.assertIn(words, str(caught[0]))

    def test_a_libsql_url_is_refused_with_the_https_form(self) -> None:
        with self.fails("URL_INVALID") as caught:
            self.from_env(TURSO_DB_URL=f"libsql://live-condor-me.turso.io?authToken={TOKEN}", TURSO_AUTH_TOKEN=TOKEN)
        self.assertIn("https://live-condor-me.turso.io", str(caught[0]))

    def test_other_bad_urls_are_refused(self) -> None:
        for url in ["nonsense", "https://", "ftp://x", "file:///x", "https://x:99999", "https://x:y", "https://[::1", f"https://u:{TOKEN}@x.turso.io", f"https://x?authToken={TOKEN}",
                    "https://x#y", "http://x.turso.io", "http://127.evil.com", "http://10.0.0.1", "https://x\r\ny", "https://x y", "https://ü.io"]:
            with self.subTest(url=url), self.fails("URL_INVALID"):
                Store(url, TOKEN)

    def test_loopback_may_be_plain_http(self) -> None:
        for url in ["http://127.0.0.1:8080/dev/live-x", "http://localhost:8080", "http://[::1]:8080", "http://live-x.localhost:8080"]:
            with self.subTest(url=url):
                Store(url, TOKEN)


class Bot(StoreCase):
    def run_bot(self, *arguments: str) -> str:
        output = io.StringIO()
        with mock.patch.dict(os.environ, TURSO_DB_URL=self.server.url, TURSO_AUTH_TOKEN=TOKEN), mock.patch("sys.argv", ["bot.py", *arguments]), contextlib.redirect_stdout(output):
            self.assertEqual(bot.main(), 0)
        return output.getvalue()

    def test_the_bot_opens_one_condor_and_closes_it(self) -> None:
        self.assertEqual(self.run_bot().count("open "), 4)
        self.assertEqual(self.run_bot("--spot", "25000").count("open "), 4)
        closed = self.run_bot("--close", "--spot", "24300")
        self.assertEqual((closed.count("open "), closed.count("EXPIRY  P&L")), (0, 4))
        [(pnl,)] = self.server.rows("SELECT sum(pnl) FROM trade_logs")
        [(margin,)] = self.server.rows("SELECT free_margin FROM portfolio_state ORDER BY id DESC LIMIT 1")
        self.assertAlmostEqual(margin, 500000 + pnl)
        self.run_bot("--close")

    def test_the_bot_says_what_is_missing(self) -> None:
        run = subprocess.run([sys.executable, "-W", "error", bot.__file__], env={"PATH": os.environ["PATH"]}, capture_output=True, text=True)
        self.assertEqual((run.returncode, run.stdout), (1, ""))
        self.assertIn("TURSO_DB_URL is not set", run.stderr)


class Import(unittest.TestCase):
    def test_importing_loads_nothing_heavy(self) -> None:
        script = "import sys; before = set(sys.modules); import strat_store; print(*set(sys.modules) - before)"
        loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=os.path.dirname(os.path.abspath(strat_store.__file__))).stdout.split()
        self.assertFalse({"ssl", "http", "http.client", "json", "uuid", "socket", "email", "urllib.parse", "random", "threading", "datetime", "zoneinfo"} & set(loaded), loaded)


if __name__ == "__main__":
    unittest.main()
