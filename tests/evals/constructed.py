"""Results that were never run: arms with the passes and figures that a test states."""

from collections.abc import Callable, Iterable, Mapping

from evals.keeping.results import Arm, CaseResult, Grade, Pins

SEED = 20_261_120
PINS = Pins(
    suite="5" * 64,
    bundle="b" * 64,
    prompt="1" * 64,
    policy="2" * 64,
    workflows="3" * 64,
    connectors="4" * 64,
    planner="rules:" + "6" * 64,
    model="",
    cassettes="",
    code="7" * 64,
    seed=SEED,
)


def result(case: str, *, passed: bool = True, epoch: int = 0, **stated: object) -> CaseResult:
    """A case that passed, with nothing remarkable, unless stated otherwise."""
    figures: dict[str, object] = {
        "slices": ("refunds",),
        "is_must_pass": False,
        "grades": (Grade(grader="outcome", passed=passed, why="" if passed else "denied"),),
        "violations": 0,
        "writes": 1,
        "questions": 0,
        "tool_calls": 5,
        "model_turns": 0,
        "cost_micro_usd": 0,
        "edit_distance": 0.0,
        "trace": "a" * 64,
        "milliseconds": 3,
    }
    figures.update(stated)
    return CaseResult.model_validate({"case": case, "epoch": epoch, "passed": passed, **figures})


def arm(results: Iterable[CaseResult], *, has_noise: bool = False, **pins: object) -> Arm:
    """An arm; `pins` differ from PINS."""
    return Arm(
        label="prompt@sha:9f21c2",
        pins=PINS.model_copy(update=pins),
        has_noise=has_noise,
        results=tuple(results),
    )


def cases(
    sizes: Mapping[str, int],
    fails: Callable[[str, int], bool] = lambda _slice, _number: False,
    must_pass: Iterable[str] = ("injection",),
) -> list[CaseResult]:
    """So many cases a slice, named refunds-000 and so on, failing where `fails` says so."""
    return [
        result(
            f"{name}-{number:03}",
            passed=not fails(name, number),
            slices=(name,),
            is_must_pass=name in must_pass,
        )
        for name, size in sizes.items()
        for number in range(size)
    ]
