"""Sublets, told as stories: who is gone, who only has guests."""

import numpy as np
import pytest
from unit.detectors.homes import home, panel_of

from detectors.policy import Policy
from detectors.sublet.detector import SubletDetector

detect = SubletDetector()
LATELY = range(70, 90, 2)


def only(one):
    verdict = detect(panel_of(one))
    return verdict.findings[0] if verdict.findings else None


def probability(one):
    return float(detect(panel_of(one)).probability[0])


def codes(finding):
    return {one.code: one for one in finding.evidence}


def test_an_ordinary_household():
    assert probability(home()) < 0.005


def test_new_strangers_return_on_ten_days_while_the_registered_are_silent_and_the_meters_say_lived_in():
    finding = only(home().unseen(28).strangers(LATELY))
    assert finding.subtype == "whole"
    assert finding.probability > 0.8
    facts = codes(finding)
    assert facts["registered_less_seen"].value == 0 < facts["registered_less_seen"].baseline
    assert facts["strangers_return"].value == 9
    lived_in = facts["meters_lived_in"]
    assert lived_in.value == lived_in.baseline >= 21
    last_seen = np.flatnonzero(home().unseen(28).rows["registered_passages"])[-1]
    assert finding.since == panel_of(home()).days[last_seen + 1].item()


def test_one_stranger_alone_never_alarms():
    assert only(home().strangers(range(30, 90), 1)) is None


def test_one_stranger_alone_never_alarms_however_likely_sublets_are():
    often = SubletDetector(Policy(prior=0.1))
    assert not often(panel_of(home().strangers(range(60, 90), 1))).findings
    assert often(panel_of(home().unseen(20).strangers(LATELY))).findings


def test_silence_alone_never_alarms():
    """They follow others in, or the camera no longer knows them."""
    assert only(home().unseen(30)) is None


def test_silence_and_changed_meters_without_any_stranger_only_raise_the_rank():
    """Guests who never pass a door by themselves, while the household follows others in, as it often did."""
    quiet = home().lived_in(slice(62), seen=0.5).lived_in(slice(62, None), litres=700, kwh=15, seen=0)
    assert 0.1 < probability(quiet) < 0.5


def test_a_household_that_was_seen_daily_vanished_and_others_draw_there():
    """The shared door names nobody's visitors."""
    vanished = home().lived_in(slice(62, None), litres=700, kwh=15, seen=0)
    assert only(vanished).subtype == "whole"
    assert only(vanished.set(slice(62, None), unidentified_passages=2)) is not None, "cards take nobody's place"


@pytest.mark.parametrize("kind", ["unidentified_passages", "visitor_passages"])
def test_where_a_household_vanished_its_code_and_late_visitors_are_others(kind):
    vanished = home().lived_in(slice(50, None), seen=0)
    assert only(vanished) is None
    assert codes(only(vanished.set(slice(50, None), **{kind: 2})))["others_pass"].value >= 21
    assert only(vanished.set(slice(None), **{kind: 2})) is None, "as they always did"
    assert only(home().set(slice(50, None), **{kind: 2})) is None, "beside a household that stays"


def test_a_household_that_has_just_fallen_silent_is_not_told():
    assert only(home().lived_in(slice(74, None), litres=700, kwh=15, seen=0)) is None


def test_meters_alone_only_raise_the_rank():
    changed = home().lived_in(slice(68, None), litres=900, kwh=14)
    assert probability(home()) < probability(changed) < 0.5


def test_relatives_who_come_every_weekend():
    weekends = sorted([*range(5, 90, 7), *range(6, 90, 7)])
    assert probability(home().strangers(weekends)) < 0.05


def test_couriers_never_come_back():
    assert probability(home().strangers(range(0, 90, 2), 1, returning=False)) < 0.05


def test_the_registered_are_silent_but_nobody_is_there_at_all():
    """That is an absence; strangers at the door then are couriers."""
    assert probability(home().away(25).strangers(LATELY)) < 0.15


def test_a_household_that_is_seldom_seen_is_measured_by_its_own_habit():
    def shy(home_of):
        return home_of.lived_in(slice(None), seen=0.1)

    assert probability(shy(home()).unseen(20).strangers(LATELY)) < probability(home().unseen(20).strangers(LATELY))


def test_a_household_without_a_face_sees_itself_as_strangers():
    assert probability(home().faceless().strangers(range(90))) < 0.05


def test_a_household_without_a_face_is_judged_on_what_is_left():
    """The same faces as ever would be no news; all of them new, with habits and use that changed, are."""
    calm = home("u1").faceless()
    changed = home("u2").faceless().lived_in(slice(68, None), litres=800, kwh=16).unseen(90)
    for one in (calm, changed):
        one.set(slice(None), strangers=0, returning_strangers=0)
    changed.strangers(range(68, 90), 5)
    assert detect(panel_of(changed)).probability > 10 * detect(panel_of(calm)).probability


def test_a_member_without_a_face_explains_a_stranger():
    """Three live there, two enrolled: the third comes home every day."""
    third = home(size=3).set(slice(None), enrolled_persons=2).strangers(range(90), 1)
    assert probability(third) < 0.02


def test_enrolled_and_never_once_seen():
    finding = only(home().unseen(90).strangers(range(60, 90)))
    assert codes(finding)["registered_never_seen"].baseline is None
    assert finding.subtype == "whole"


def test_nothing_is_told_of_days_before_the_home_was_heard_of():
    channels = ("water", "electricity", "door")
    finding = only(home().unseen(90).strangers(range(40, 90)).without(*channels, when=slice(0, 40)))
    first = panel_of(home()).days[40].item()
    assert finding.since == first
    assert min(fact.start for fact in finding.evidence) == first


def test_unknown_faces_without_a_pseudonym_come_where_others_live_and_the_household_is_silent():
    finding = only(home().lived_in(slice(62, None), litres=500, kwh=9, seen=0).unknown_faces(range(62, 90)))
    assert finding.subtype == "whole"
    told = codes(finding)["strangers_unnamed"]
    assert told.value > 20
    assert told.baseline < 5
    assert "strangers_return" not in codes(finding)
    unseen = home().lived_in(slice(62, None), litres=500, kwh=9, seen=0)
    assert probability(unseen) < finding.probability


def test_a_household_whose_faces_are_not_known_any_more_is_not_accused():
    """Masks, another camera, a terminal that lost its faces: a door says of the same people what it says of others."""
    assert 0.1 < probability(home().unseen(40).unknown_faces(range(50, 90))) < 0.5
    often_missed = home().set(slice(50, None), registered_passages=1).unknown_faces(range(50, 90))
    assert probability(often_missed) < 0.03


def test_unknown_faces_are_worth_less_than_one_that_returns():
    silent = home("u1").unseen(28).unknown_faces(range(62, 90))
    assert (
        probability(home().unseen(28))
        < probability(silent)
        < probability(home().unseen(28).strangers(range(62, 90), 1))
    )


def test_members_without_a_face_explain_unknown_ones():

    def gone(days):
        """Two of three are enrolled, and are not seen while somebody lives there."""
        return home(size=3).unseen(28).set(slice(None), enrolled_persons=2).unknown_faces(days)

    assert 4 * probability(gone(range(90))) < probability(gone(range(62, 90)))
    faceless = home().lived_in(slice(62, None), litres=420, kwh=8).faceless()
    assert probability(faceless) == probability(faceless.unknown_faces(range(62, 90)))


def test_unknown_faces_and_silence_need_a_past_unless_nobody_was_ever_seen():
    """Whom the door knew now and then since the panel began is a household that it often misses."""
    often_missed = home("u1").unseen(90).unknown_faces(range(90)).set(slice(0, 90, 9), registered_passages=1)
    never = home("u2").unseen(90).unknown_faces(range(90))
    assert probability(often_missed) < 0.2 * probability(never)
    assert 0.1 < probability(never) < 0.5


def test_days_of_which_it_is_not_known_who_was_a_face_are_not_compared():
    """Before an upgrade both were one figure."""
    silent = home().unseen(28).unknown_faces(range(62, 90))
    kept = probability(silent)
    upgraded = probability(silent.set(slice(62), unidentified_passages=2, unnamed_face_passages=np.nan))
    assert probability(home().unseen(28)) <= upgraded < kept


def test_a_group():
    assert only(home().unseen(20).strangers(range(70, 90), 6)).subtype == "group"


def test_guests_that_change():
    changing = home().unseen(28).strangers(range(62, 90), 2, returning=False).lived_in(slice(62, None), 700, seen=0)
    finding = only(changing)
    assert finding.subtype == "short_let"
    told = codes(finding)["strangers_change"]
    assert told.value >= 14
    assert told.weight > 3


def test_a_room_is_let_while_the_household_stays():
    crowded = home(size=1).lived_in(slice(69, None), litres=520, kwh=12).strangers(range(69, 90), 3)
    finding = only(crowded)
    assert finding.subtype == "room"
    assert codes(finding)["registered_seen"].weight == 0
    assert {"strangers_return", "strangers_many", "size_mismatch"} <= set(codes(finding))
    assert "water_changed" not in codes(finding), "a baby changes habits, too"


def test_days_the_household_declared_away_are_no_silence():
    declared = home().unseen(20).strangers(LATELY, 1).set(slice(60, None), declared_absence=True)
    assert probability(declared) < probability(home().unseen(20).strangers(LATELY, 1)) / 3


def test_more_days_with_known_again_strangers_are_surer():
    few, many = (home().unseen(20).strangers(range(70, 70 + days)) for days in (4, 12))
    assert probability(few) < probability(many)


def test_where_doors_did_not_speak_nothing_is_said():
    def unheard(*channels, when=slice(None)):
        return detect(panel_of(home().without("water", "electricity").without(*channels, when=when))).not_ready

    assert unheard("door") == {"u1": "no_door"}
    assert unheard("door", when=slice(80, None)) == {"u1": "data_stale"}
    assert unheard("door", when=slice(72, 88)) == {"u1": "too_few_days"}


@pytest.mark.parametrize("meter", ["water", "electricity"])
def test_one_meter_alone_ranks_a_change_of_occupants_and_never_alarms(meter):
    silent = {"water": "electricity", "electricity": "water"}[meter]
    same = home().without("door", silent)
    other = home().lived_in(slice(62, None), litres=700, kwh=15)
    other.set(slice(62, None), electricity_min_hour_kwh=0.3, electricity_peak_hour=3, electricity_rhythm_cos=0.3)
    assert probability(same) < 0.012
    assert 0.03 < probability(other.without("door", silent)) < 0.5


def test_weeks_away_are_no_other_people():
    assert probability(home().empty(slice(60, 76)).without("door")) < 0.012


def test_a_baby_changes_habits_and_nobody_is_gone():
    grown = home().lived_in(slice(62, None), litres=700, kwh=15).strangers(range(62, 90, 4))
    assert only(grown) is None
    assert only(grown.unseen(28)) is not None


def test_a_listed_relative_does_not_make_up_for_a_household_that_is_gone():
    """Four lived there; since four weeks only somebody passes who was listed then, and others whom no list names."""
    gone = home(size=4).unseen(28).relative(28).strangers(range(64, 90))
    assert only(gone).subtype == "whole"
    assert codes(only(gone))["listed_lately"].value == 28
    joined = home(size=4).relative(28).strangers(range(64, 90), 1)
    assert only(joined) is None


def test_a_listed_relative_alone_in_the_home_of_others():
    assert probability(home().unseen(28).relative(28)) > 0.5
    assert probability(home().relative(28)) < 0.02


def test_one_registered_adult_who_still_passes_speaks_against():
    """A newborn: the mother stays in, a grandmother comes, the use grows, the father goes to work."""
    grown = home(size=3).lived_in(slice(62, None), litres=340, kwh=6, seen=0.75).strangers(range(62, 90), 1)
    assert probability(grown) < 0.5


def test_a_journey_of_ten_days_while_a_new_partner_lives_there():
    assert only(home(size=1).unseen(10).strangers(range(80, 90), 1)) is None


def test_who_came_while_the_household_still_passed_did_not_replace_it():
    """The partner has lived there for four weeks when the tenant leaves for three."""
    together = home(size=1).strangers(range(41, 90), 1)
    replaced = home(size=1).strangers(range(69, 90), 1)
    assert probability(together.unseen(21)) < probability(replaced.unseen(21)) / 2


def test_a_carer_draws_water_in_the_home_of_somebody_in_hospital():
    """Most days are empty, and the few others are the carer's."""
    visits = range(62, 90, 4)
    ward = home(size=1).away(28).strangers(visits, 1)
    for day in visits:
        ward.lived_in(slice(day, day + 1), litres=20, kwh=0.3, seen=0)
    ward.strangers(visits, 1)
    assert only(ward) is None


def test_a_member_without_a_face_who_still_comes_is_the_household():
    """Of two one enrolled, and travels; the face of old that comes home every day is the other."""
    of_old = home().set(slice(None), enrolled_persons=1).unseen(24).strangers(range(90), 1)
    assert probability(of_old) < 0.05


def test_faces_of_old_that_gave_way_to_new_ones():
    """Of two one enrolled; both are gone, and the faces that come now were never seen before."""
    replaced = (
        home().set(slice(None), enrolled_persons=1).unseen(28).strangers(range(62), 1).strangers(range(62, 90), 2)
    )
    assert only(replaced).subtype == "whole"


def newborn(unit_id, *, every):
    """Two adults who pass on one day of `every`, a grandmother daily, twice the water; four weeks ago it was born."""
    born = home(unit_id).lived_in(slice(62, None), litres=520, kwh=9).strangers(range(62, 90), 1)
    silent = [day for day in range(62, 90) if day % every]
    for day in silent:
        born.set(slice(day, day + 1), registered_passages=0, registered_persons=0)
    return born


def test_parents_of_a_newborn_pass_less_and_do_not_vanish():
    """A third as often as before is still living there; one day of fourteen is looking in."""
    assert probability(newborn("u1", every=3)) < 0.2
    assert only(newborn("u1", every=14)).subtype == "whole"


def test_a_household_that_is_away_four_days_of_five_passes_too_little_to_live_there():
    """Told by passages as well as by days: who looks in passes once, who lives there comes and goes."""
    looks_in, lives_there = (newborn("u1", every=5) for _ in range(2))
    for day in range(65, 90, 5):
        looks_in.set(slice(day, day + 1), registered_passages=1)
        lives_there.set(slice(day, day + 1), registered_passages=6)
    assert probability(lives_there) < 0.5
    assert probability(looks_in) > 0.6


def test_one_newcomer_beside_a_household_that_stays_never_alarms():
    """A partner, a grandmother or one lodger: nothing that devices say tells them apart."""
    for size in (1, 2):
        joined = home(size=size).lived_in(slice(62, None), litres=600, kwh=14).strangers(range(62, 90), 1)
        assert 0.02 < probability(joined) < 0.5


def test_two_newcomers_beside_a_household_that_stays_are_lodgers_unless_they_come_for_weekends():
    weekends = sorted([*range(34, 90, 7), *range(35, 90, 7)])
    assert only(home(size=1).strangers(range(62, 90), 2)).subtype == "room"
    assert only(home(size=1).strangers(weekends, 2)) is None


def test_a_member_without_a_face_was_there_before_and_is_no_newcomer():
    def seen(days):
        return home(size=3).set(slice(None), enrolled_persons=2).strangers(days, 2)

    assert only(seen(range(90))) is None
    assert only(seen(range(62, 90))).subtype == "room"


def test_a_household_without_faces_may_be_given_new_names():
    assert only(home(size=3).faceless().strangers(range(62, 90), 3)) is None


def test_guests_of_weekends_beside_one_who_comes_on_workdays_are_no_lodgers():
    weekends = sorted([*range(34, 90, 7), *range(35, 90, 7)])
    one = home(size=1).strangers(weekends, 2)
    assert only(one.strangers(range(38, 90, 7), 1)) is None


def test_several_in_the_home_of_a_household_without_faces_are_told():
    assert only(home().faceless().strangers(range(62, 90), 5)).subtype == "room"


def test_of_newcomers_a_small_households_water_shows_that_they_live_there():
    """Five drew 1,000 L a day; the one who lives there now draws 80: by the household's own use the home is empty."""
    one = home(size=5).lived_in(slice(None), litres=1000, kwh=12)
    one.lived_in(slice(66, None), litres=80, kwh=0.6, seen=0)
    assert only(one.strangers(range(66, 90), 1)).subtype == "whole"


def test_a_sublet_older_than_the_panel():
    """The tenant looked in now and then from the first day on, and a face that no list names came daily."""
    older = home(size=1).strangers(range(90), 1).unseen(90)
    for day in range(4, 90, 11):
        older.set(slice(day, day + 1), registered_passages=1, registered_persons=1)
    assert only(older).since == panel_of(older).days[0].item()
    assert only(home(size=1).strangers(range(90), 1)) is None


def test_of_several_enrolled_only_ever_one_is_seen():
    """The one who passes was listed before the panel began and is the newcomer; the others never pass."""
    alone = home(size=3).lived_in(slice(None), seen=0.6).strangers(range(90), 1)
    together = home(size=3).lived_in(slice(None), seen=0.6).strangers(range(90), 1)
    alone.set(slice(None), registered_persons=np.minimum(alone.rows["registered_passages"], 1))
    fact = codes(only(alone))["registered_only_one"]
    assert fact.value == 0 < fact.baseline
    assert only(together) is None


def test_two_newcomers_are_not_the_grandmother_who_stays_while_the_household_travels():
    one, two = (home().unseen(12).strangers(range(78, 90), persons) for persons in (1, 2))
    assert probability(one) < 0.5 < probability(two)


def test_whose_guests_have_left_is_left_in_peace():
    """Three weeks of strangers that ended six weeks ago, whatever came before."""
    over = home().strangers(range(28), 2)
    over.set(slice(0, 28), registered_passages=0, registered_persons=0)
    assert probability(over) < 0.2


def test_a_household_that_was_first_seen_late_is_no_newcomer_where_the_list_is_as_it_was():
    """It came back after months; nobody was put on the list meanwhile."""
    back = home(size=3).empty(slice(62)).set(slice(62, None), late_registered_passages=2, registered_passages=2)
    assert probability(back) < 0.05


def test_it_stays_found_while_it_goes_on():
    for silent in (24, 40, 60):
        assert only(home().unseen(silent).strangers(range(90 - silent, 90))), silent
