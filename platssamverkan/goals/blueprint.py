"""The room's blueprint, and what its templates may ask of the domain."""

from flask import Blueprint

from platssamverkan.core import clock
from platssamverkan.goals import figures, wording
from platssamverkan.goals.indicator_queries import latest_text
from platssamverkan.goals.models import Goal

bp = Blueprint("goals", __name__, url_prefix="/samverkan/<slug>/mal")


def goal_text(goal: Goal) -> str:
    """Return the words that hold today of a goal whose versions are loaded."""
    return wording.version_at(goal, clock.today()).text


def goal_label(goal: Goal) -> str:
    """Return "Mål 2: text" of a goal whose versions are loaded."""
    return wording.goal_label(goal, goal_text(goal))


for function in (
    *(figures.trend_of, figures.latest_value, figures.latest_observation, figures.reaches_target),
    figures.has_earlier_values,
    *(wording.value_text, wording.rate_text, wording.target_text, wording.observed_period, wording.goal_name),
    *(latest_text, goal_text, goal_label),
):
    bp.add_app_template_filter(function)
