"""The fit against the same equations written out in full, with nothing eliminated and nothing clever."""

import numpy as np
import pytest
from scipy import integrate, optimize, stats

from tiejun_awards.judging import robust
from tiejun_awards.judging.marks import checked
from tiejun_awards.judging.sheets import collect
from tiejun_awards.judging.solve import conjugate_gradients
from tiejun_awards.judging.standings import fair_scores
from tiejun_awards.judging.steadiness import steadied

from .committees import committee, from_totals


@pytest.fixture(scope="module", params=[(1, None), (2, 3), (3, 4)])
def standings(request):
    seed, each = request.param
    return fair_scores(*committee(seed, judges=9, subjects=24, each=each))


def loss(standings, unknowns):
    """Minus twice the log posterior of levels and severities, up to a constant, at the fitted weights and variances."""
    model, layout = standings.model, standings.layout
    level, severity = unknowns[: layout.subjects], unknowns[layout.subjects :]
    spread = model.spread[layout.judge]
    told = model.middle + spread * (level - model.middle)[layout.subject] + severity[layout.judge]
    means = np.array([severity[layout.judge[layout.subject == i]].mean() for i in range(layout.subjects)])
    expected = model.middle + model.matching * means
    noise = model.noise[layout.judge] / (model.weight * layout.cover)
    return (
        ((layout.total - told) ** 2 / noise).sum()
        + ((level - expected) ** 2).sum() / model.merit_variance
        + (severity**2).sum() / model.severity_variance
    )


def curvature(standings):
    """Half the matrix of second derivatives of the loss, which is quadratic: exact differences."""
    size = standings.layout.subjects + standings.layout.judges
    steps = np.eye(size)
    base = loss(standings, np.zeros(size))
    single = np.array([loss(standings, step) for step in steps])
    double = np.array([[loss(standings, a + b) for b in steps] for a in steps])
    return 0.5 * (double - single[:, None] - single[None, :] + base)


def test_levels_and_severities_are_where_the_loss_is_least(standings):
    model = standings.model
    start = np.concatenate([model.level, model.severity])

    best = optimize.minimize(lambda unknowns: loss(standings, unknowns), start, method="BFGS", options={"gtol": 1e-8}).x

    # The committee's level is free: only differences from its middle are determined by this loss.
    shift = best[standings.layout.subjects :].mean()
    assert best[: standings.layout.subjects] + shift == pytest.approx(model.level, abs=0.05)
    assert best[standings.layout.subjects :] - shift == pytest.approx(model.severity, abs=0.05)


def test_the_judges_covariance_is_that_of_the_whole_system(standings):
    inverse = np.linalg.inv(curvature(standings))[standings.layout.subjects :, standings.layout.subjects :]
    shared = standings.shared
    one, other = np.indices(inverse.shape)

    assert shared.between(one.ravel(), other.ravel()) == pytest.approx(inverse.ravel(), rel=1e-6)
    assert shared.diagonal == pytest.approx(np.diag(inverse), rel=1e-6)


def test_standard_errors_are_the_formula_written_out(standings):
    model, layout = standings.model, standings.layout
    inverse = np.linalg.inv(curvature(standings))[layout.subjects :, layout.subjects :]
    # On the committee's own scale: P takes the mean severity off every severity.
    centred = np.eye(layout.judges) - 1 / layout.judges
    inverse = centred @ inverse @ centred
    free = 6 + np.array([(model.weight * (1 - model.leverage))[layout.judge == j].sum() for j in range(layout.judges)])
    expected = []
    for subject in range(layout.subjects):
        mine = np.flatnonzero(layout.subject == subject)
        judge = layout.judge[mine]
        precision = model.weight[mine] * layout.cover[mine] / model.noise[judge]
        own = (precision * model.spread[judge] ** 2).sum()
        share = precision * model.spread[judge] / own
        stretch = (share**2 * (model.level[subject] - model.middle) ** 2 * model.spread_error[judge]).sum()
        part = precision * model.spread[judge] ** 2 / own
        guessed = 4 * model.belief.steadiness * (part * (1 - part) / free[judge]).sum()
        expected.append(np.sqrt((1 + guessed) / own + share @ inverse[np.ix_(judge, judge)] @ share + stretch))

    assert standings.standard_error == pytest.approx(expected, rel=1e-6)


def test_the_fit_has_come_to_rest(standings):
    model, layout = standings.model, standings.layout
    spread = model.spread[layout.judge]
    said = layout.total - model.middle * (1 - spread) - model.severity[layout.judge]
    for sheet in range(0, layout.total.size, 7):
        others = (layout.subject == layout.subject[sheet]) & (np.arange(layout.total.size) != sheet)
        subject, judge = layout.subject[sheet], layout.judge[sheet]
        precision = (model.precision[others] * spread[others] ** 2).sum() + 1 / model.merit_variance
        without = (
            (model.precision[others] * spread[others] * said[others]).sum()
            + model.expected[subject] / model.merit_variance
        ) / precision
        usual = min(model.noise[judge], model.committee_noise) / layout.cover[sheet]
        variance = usual + spread[sheet] ** 2 / precision + model.severity_error[judge]
        distance = (said[sheet] - spread[sheet] * without) / np.sqrt(variance)

        assert model.distance[sheet] == pytest.approx(distance, abs=0.05)
        assert model.weight[sheet] == pytest.approx(
            float(robust.weight(np.array([distance]), model.strays)[0]), abs=0.05
        )


def test_the_weight_is_the_chance_of_being_no_stray():
    distance, strays = np.array([-4.0, 0, 1, 2.5, 3.5, 60]), 0.05
    honest = (1 - strays) * stats.norm.pdf(distance)
    wide = strays * stats.norm.pdf(distance, scale=robust.WIDTH)

    expected = robust.LEAST + (1 - robust.LEAST) * honest / (honest + wide)

    assert robust.weight(distance, strays) == pytest.approx(expected)


def test_strays_are_counted_where_there_are_some_and_hardly_where_there_are_none():
    random = np.random.default_rng(3)
    honest = random.normal(size=2000)
    mixed = np.concatenate([honest[:1800], random.normal(0, robust.WIDTH, 200)])

    def settled(distance):
        share = robust.USUAL_STRAYS
        for _ in range(200):
            share = robust.share_of_strays(distance, share)
        return share

    assert settled(mixed) == pytest.approx(0.10, abs=0.03)
    assert settled(honest) < 0.02


@pytest.mark.parametrize("strays", [0.001, 0.02, 0.2])
def test_the_consistency_factor_is_the_normal_mean_square_under_the_weights(strays):
    def moment(power):
        return integrate.quad(
            lambda z: float(robust.weight(np.array([z]), strays)[0]) * z**power * stats.norm.pdf(z), -8, 8, limit=400
        )[0]

    assert robust.consistency(strays) == pytest.approx(moment(2) / moment(0), abs=1e-4)


def test_judges_alike_are_left_alike_and_a_careless_one_is_told_apart():
    random = np.random.default_rng(1)
    free = np.full(12, 30.0)
    alike = 9.0 * random.chisquare(30, 12)
    mixed = alike.copy()
    mixed[0] *= 12

    even, uneven = steadied(alike, free, alike.sum() / 360), steadied(mixed, free, mixed.sum() / 360)

    assert even.max() / even.min() < 1.3
    assert uneven[0] > 6 * np.median(uneven)


def test_conjugate_gradients_solve_what_the_written_out_matrix_solves(standings):
    equations = standings.model.equations()
    matrix = equations.matrix()
    right = np.random.default_rng(2).normal(size=matrix.shape[0])

    found = conjugate_gradients(equations, right, np.zeros(right.size), scale=1 / equations.diagonal(), tolerance=1e-12)

    assert np.diag(matrix) == pytest.approx(equations.diagonal())
    assert matrix @ right == pytest.approx(equations.times(right))
    assert found == pytest.approx(np.linalg.solve(matrix, right))


def test_strong_subjects_sent_to_strict_judges_are_recognised():
    """Where the panels were matched on purpose, severity must not be mistaken for weakness."""
    random = np.random.default_rng(5)
    severity = np.linspace(-7, 7, 10)
    merit = np.sort(random.normal(74, 8, 50))[::-1]
    table = np.full((10, 50), np.nan)
    for subject in range(50):
        middle = np.clip(round(subject / 50 * 10), 1, 8)
        judges = [middle - 1, middle, random.integers(0, 10)]
        table[judges, subject] = merit[subject] + severity[judges] + random.normal(0, 1.5, 3)
    rows = [[None if np.isnan(value) else float(np.clip(value, 0, 100)) for value in row] for row in table]

    standings = fair_scores(*from_totals(rows))

    assert standings.model.matching < -0.5
    assert np.polyfit(severity, standings.model.severity, 1)[0] == pytest.approx(1, abs=0.2)
    assert np.sqrt(np.mean((standings.score - merit) ** 2)) < 2


def test_spread_is_left_alone_where_judges_have_few_sheets():
    found = fair_scores(*committee(1, subjects=7))

    assert found.model.spread.tolist() == [1.0] * 8
    assert collect(checked(*committee(1, subjects=7))).total.size == 56
