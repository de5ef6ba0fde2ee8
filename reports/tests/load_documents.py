"""Documents of load runs to draw pages of: a power cut that ends, then an ordinary evening."""

from __future__ import annotations

import math
import random
from typing import Any

INTERVAL = 5


def storm(seconds: int = 600, devices: int = 1200) -> dict[str, Any]:
    """The power returns to `devices` at once; afterwards two more arrive each second."""
    chance = random.Random(8628)
    arrivals = [
        _around(chance, devices / 20 * math.exp(-((t - 15) ** 2) / 80) + 2) for t in range(seconds)
    ]
    waiting, wanted, done, lag, took, pending = [], [], [], [], [], []
    answers: dict[str, list[int]] = {
        name: []
        for name in (
            "authorization_pending",
            "slow_down",
            "token",
            "access_denied",
            "expired_token",
        )
    }
    crowd = 0.0
    for second, come in enumerate(arrivals):
        leave = crowd / 32
        crowd += come - leave
        waiting.append(round(crowd))
        pending.append(round(crowd * 1.2 + second * 0.4))
        due = crowd / INTERVAL
        wanted.append(_around(chance, due))
        late = 1500 if second in range(18, 24) else 12
        lag.append(round(late * chance.uniform(0.3, 1.1)))
        lost = 0.12 if second in range(15, 45) else 0.0
        done.append(round(wanted[-1] * (1 - lost)))
        answers["token"].append(_around(chance, leave * 0.75))
        answers["access_denied"].append(_around(chance, leave * 0.1))
        answers["slow_down"].append(_around(chance, due * (0.15 if lost else 0.01)))
        answers["expired_token"].append(_around(chance, 0.3 if second > 300 else 0.0))
        rest = done[-1] - answers["token"][-1] - answers["access_denied"][-1]
        answers["authorization_pending"].append(max(0, rest - answers["slow_down"][-1]))
        took.append(
            None
            if not answers["token"][-1]
            else round(2500 + 40 * late * lost + chance.gauss(0, 300))
        )
    by_answer = {name: sum(row) for name, row in answers.items()}
    return {
        "schema": "devicegrant/load/1",
        "run": "0b6f7b0e-5b0e-4f0e-9d7a-2f1f4c1f8a11",
        "versions": {"devicegrant": "0.1.0", "locust": "2.46.6", "python": "3.11.2"},
        "machine": {"cores": 2, "python": "3.11.2", "system": "Linux"},
        "started": "2026-01-02T19:00:05+00:00",
        "seconds": float(seconds),
        "exit_code": 1,
        "verdict": "one code bought two tokens, and 1 of 4 thresholds is broken",
        "target": {"name": "Example IdP", "issuer": "https://127.0.0.1:8443/realms/tv"},
        "settings": {
            "profile": "boot_storm",
            "devices": devices,
            "played_as": "fleet",
            "duration": f"{seconds}s",
            "processes": 2,
            "rate": 500.0,
            "seed": 8628,
            "arrivals": "spike 1200, then poisson 2.0/s",
            "shares": {"approve": 0.75, "deny": 0.1, "abandon": 0.15, "mistype": 0.1},
            "disobedient": 0.0,
            "client_secret": "do-not-show-me",
        },
        "plan": {
            "interval": 5.0,
            "waiting": 64,
            "polls_per_second": 12.8,
            "arrivals_per_second": 2.0,
            "sign_in_seconds": 32.0,
        },
        "polls": {
            "planned_per_second": 12.8,
            "measured_per_second": 12.6,
            "predicted_per_second": 12.7,
            "total": sum(done),
            "by_answer": by_answer,
            "per_sign_in": {
                "count": 1400,
                "least": 1,
                "p50": 6,
                "p90": 9,
                "p95": 11,
                "p99": 14,
                "most": 19,
            },
            "wasted": 812,
            "wasted_share": 0.043,
            "intervals": {"5": 2400},
        },
        "waiting": {"mean": sum(waiting) / seconds, "most": max(waiting), "at_end": waiting[-1]},
        "codes": {"issued": sum(arrivals), "pending_at_end": pending[-1]},
        "flows": {
            "begun": sum(arrivals),
            "token": by_answer["token"],
            "access_denied": by_answer["access_denied"],
            "abandoned": 214,
        },
        "unfinished": {"nobody has decided yet": 48, "approved, no token yet": 3},
        "slow_down_to_obedient": 2,
        "starved": 0,
        "unfinished_share": 0.021,
        "approval_to_token_ms": {
            "count": by_answer["token"],
            "least": 41,
            "p50": 2610,
            "p90": 4720,
            "p95": 8120,
            "p99": 9800,
            "most": 14310,
            "floor": 2500,
        },
        "still_waiting_ms": {
            "count": 3,
            "least": 400,
            "p50": 1800,
            "p90": 4100,
            "p95": 4100,
            "p99": 4100,
            "most": 4100,
        },
        "lag_ms": {
            "count": sum(done),
            "least": 0,
            "p50": 2,
            "p90": 9,
            "p95": 31,
            "p99": 412,
            "most": 1602,
        },
        "held_ms": {"count": 0},
        "response_ms": {
            "count": sum(done),
            "least": 1,
            "p50": 4,
            "p90": 12,
            "p95": 21,
            "p99": 90,
            "most": 804,
        },
        "requests": 19_204,
        "guesses": {"refused": 40},
        "busy": 31,
        "busy_share": 0.0016,
        "injected": {"503 with Retry-After": 20, "connection reset": 11},
        "network": {"reset on a reused connection": 11, "timed out": 2},
        "network_share": 0.0007,
        "tolerated": {"poll: authorization_pending with the status 403": 7},
        "unexpected": {
            "poll: token although the code has bought one (RFC8628-3.5-parallel-single-use)": 1
        },
        "unexpected_total": 1,
        "harness_errors": {},
        "violations": [
            {
                "requirement": "RFC8628-3.5-parallel-single-use",
                "says": "Two polls at once with one device_code both got a token set.",
                "timeline": [
                    "0.0 code",
                    "5.0 pending",
                    "9.9 approved by alice",
                    "10.0 token",
                    "10.0 token (second connection)",
                ],
            }
        ],
        "thresholds": [
            {
                "text": "approval_to_token_ms.p95 <= 8000",
                "metric": "approval_to_token_ms.p95",
                "relation": "<=",
                "limit": 8000,
                "measured": 8120,
                "held": False,
            },
            {
                "text": "lag_ms.p99 <= 500",
                "metric": "lag_ms.p99",
                "relation": "<=",
                "limit": 500,
                "measured": 412,
                "held": True,
            },
            {
                "text": "starved <= 0",
                "metric": "starved",
                "relation": "<=",
                "limit": 0,
                "measured": 0,
                "held": True,
            },
            {
                "text": "held_ms.p99 <= 100",
                "metric": "held_ms.p99",
                "relation": "<=",
                "limit": 100,
                "measured": None,
                "held": None,
            },
        ],
        "server": {"cpu_share": 0.12, "memory_mb": 80, "ceiling_polls_per_second": 8000},
        "generator": {"cpu_share": 0.31, "memory_mb": 120},
        "timeline": {
            "seconds": list(range(seconds)),
            "arrivals": arrivals,
            "polls_wanted": wanted,
            "polls_done": done,
            "waiting": waiting,
            "pending_codes": pending,
            "lag_ms_p99": lag,
            "time_to_token_ms_p50": took,
            "answers": answers,
            "server_memory_mb": [
                round(70 + 10 * (1 - math.exp(-t / 60)), 1) for t in range(seconds)
            ],
        },
    }


def _around(chance: random.Random, mean: float) -> int:
    """A number near a mean, as counts of independent events are."""
    return max(0, round(chance.gauss(mean, math.sqrt(max(mean, 0.0)))))
