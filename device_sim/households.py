"""Households of several kinds, and how each person and home of them differs from the next."""

from __future__ import annotations

from dataclasses import dataclass

from device_sim.people import Building, Group, Habits, Key, Resident
from device_sim.personas import Persona
from device_sim.seeds import Dice

_W, _N, _F, _P, _E, _H, _I, _S = (
    Persona.WORKER,
    Persona.NEAR_WORKER,
    Persona.FREELANCER,
    Persona.PUPIL,
    Persona.ELDER,
    Persona.HOMEMAKER,
    Persona.INFANT,
    Persona.SHIFT,
)

KINDS: dict[str, tuple[float, tuple[tuple[Persona, ...], ...]]] = {
    "single": (0.16, ((_W,), (_N,), (_N,), (_F,), (_F,), (_F,))),
    "couple": (0.19, ((_W, _W), (_W, _N), (_W, _F), (_W, _H), (_W, Persona.EVENING_WORKER))),
    "family": (0.32, ((_W, _N, _P), (_W, _H, _P), (_W, _H, _I), (_W, _W, _P, _P), (_W, _H, _P, _I))),
    "three_generations": (0.11, ((_W, _W, _P, _E), (_W, _W, _P, _E, _E), (_W, _W, _I, _E, _E))),
    "lone_elder": (0.08, ((_E,),)),
    "elder_couple": (0.07, ((_E, _E),)),
    "shift": (0.03, ((_S,), (_S, _W))),
    "colleagues": (0.04, ((_W, _W), (_W, _W, _W), (_W, _W, _S, _W))),
}
"""Share of each kind among households, and who may live in one."""

_OWN_CARDS = 0.15
_FACE_ENROLLED = {_I: 0.0, _P: 0.7, _E: 0.9}
_FACE_ENROLLED_ADULT = 0.96
_CHILDREN = frozenset({_P, _I})
_ONE_FACE_SPLIT = 0.25


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of household and its people; the first is the tenant."""

    name: str
    personas: tuple[Persona, ...]

    @property
    def lone_elder(self) -> bool:
        """An elder lives alone."""
        return self.personas == (Persona.ELDER,)


def draw_kind(rng: Dice, among: tuple[str, ...] = tuple(KINDS)) -> Kind:
    """A kind of household by its share."""
    shares = [KINDS[name][0] for name in among]
    name = rng.pick_by_share(among, shares)
    return Kind(name, rng.pick(KINDS[name][1]))


def draw_registered(rng: Dice, household_number: int, kind: Kind, *, faces: bool = True) -> Group:
    """The people of a household that is on the lists; `faces` False: none of them is enrolled."""
    own_cards = rng.random() < _OWN_CARDS
    residents = []
    for position, persona in enumerate(kind.personas):
        enrolled = faces and rng.random() < _FACE_ENROLLED.get(persona, _FACE_ENROLLED_ADULT)
        key = _key(persona, own=own_cards)
        residents.append(_resident(rng, persona, key, person_id(household_number, position), enrolled=enrolled))
    return Group(draw_habits(rng, kind), tuple(residents))


def draw_strangers(rng: Dice, kind: Kind, keys: tuple[Key, ...] = (Key.UNIT_CARD,)) -> Group:
    """People whom no list names."""
    residents = []
    for persona in kind.personas:
        key = Key.NOTHING if persona in _CHILDREN else rng.pick(keys)
        residents.append(_resident(rng, persona, key, None, enrolled=False))
    return Group(draw_habits(rng, kind), tuple(residents))


def draw_habits(rng: Dice, kind: Kind) -> Habits:
    """How this home uses water and electricity, beside what its people's hours say."""
    return Habits(
        water_gain=rng.factor(0.48),
        electricity_gain=rng.factor(0.28),
        unsteady=min(rng.factor(0.95), 4.0),
        cooks=_between(0.05, rng.normal(0.7, 0.16) if len(kind.personas) > 1 else rng.normal(0.55, 0.21), 0.98),
        eats_later_h=rng.normal(0, 0.6),
        electric_heater=rng.random() < 0.4,  # noqa: PLR2004
        heats_ahead=rng.random() < 0.5,  # noqa: PLR2004
        laundry_chance=float(rng.uniform(0.15, 0.3) + 0.12 * len(kind.personas)),
        cooling_from_c=rng.normal(28, 1),
        heating_below_c=rng.normal(9.7, 2),
        aircon_w=rng.uniform(350, 800),
    )


def draw_building(rng: Dice) -> Building:
    """Fridge and standby of a lived-in unit."""
    return Building(standby_w=30 * rng.factor(0.5), fridge_w=rng.uniform(22, 36))


def _between(least: float, value: float, most: float) -> float:
    return min(max(value, least), most)


def person_id(household_number: int, position: int) -> str:
    """Id of a registered person."""
    return f"p{household_number:06d}{position}"


def _key(persona: Persona, *, own: bool) -> Key:
    if persona in _CHILDREN:
        return Key.NOTHING
    return Key.OWN_CARD if own else Key.UNIT_CARD


def _resident(rng: Dice, persona: Persona, key: Key, who: str | None, *, enrolled: bool) -> Resident:
    names = (rng.face(), rng.face())
    split = rng.random() < _ONE_FACE_SPLIT
    return Resident(
        persona=persona,
        key=key,
        person_id=who,
        enrolled=enrolled,
        pseudonyms=names if split else names[:1],
        shift_h=rng.normal(0, 0.55),
        wake_shift_h=rng.normal(0, 0.55),
        evening=rng.normal(0.4, 1),
        phase=rng.integers(0, 6),
    )
