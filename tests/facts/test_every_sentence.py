"""Every sentence that is computed has a test of what it claims: the table fails when a kind of sentence comes or goes.

By test, the sentences whose claim it holds against a computation of its own: keys of the catalogues, without `notice.`,
`ask.` and `stage.remark.`, of which `opened.` has the same again for a run. A reason is `question: reason reason`.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path

from rnnviz.words import LANGUAGES, catalogue

TESTS = Path(__file__).resolve().parents[1]

NOTICES = {
    "facts/test_notice.py": {
        "test_the_token_that_moved_the_state_most": "moved",
        "test_a_token_that_moves_the_state_hardly_more_than_the_rest_is_not_singled_out": "moved_alike",
        "test_a_closing_mark_gives_way_to_the_strongest_word": "moved_word moved_word_alike",
        "test_what_holds_is_right_for_every_declared_cell": "held_tanh held_sigmoid held_relu held_f held_z held_u",
        "test_the_surest_step_is_of_a_word_and_not_decided_by_digits_that_nobody_sees": "surest surest_several",
        "test_the_biggest_surprise": "missed",
        "test_how_a_head_answers_where_it_is_asked": "class_right class_wrong classes",
        "test_how_near_a_number_is_to_what_is_asked": "number numbers",
    },
    "facts/test_truth.py": {
        "test_a_surprise_is_put_down_to_what_it_is": "missed_open missed_wrong wrong",
        "test_a_word_that_the_grammar_never_has_there_is_said_to_be_outside": "missed_outside",
    },
    "facts/test_consequences.py": {
        "test_where_states_differ_and_which_moves_most": "spread largest",
        "test_whether_the_difference_is_still_there_at_the_end": "faded gone stayed",
        "test_a_weight_read_after_the_loop_moves_no_state": "no_state",
        "test_a_weight_that_meets_only_zeros_changes_nothing": "no_change",
        "test_the_first_step_at_which_another_word_is_first": "other_word",
        "test_the_same_words_but_surer": "same_words same_words_alike",
        "test_what_the_copies_add": "no_term top_term cancel smaller larger",
    },
    "facts/test_gate_consequences.py": {
        "test_a_gate_at_its_own_value_changes_nothing": "held_same",
        "test_a_hold_is_told_by_what_it_changed": "memory_end",
        "test_extremes_are_what_every_step_of_the_text_shows": (
            "extreme_open extreme_shut extreme_saturated extreme_still"
        ),
        "test_what_a_gate_that_stays_shut_or_open_does_to_what_is_held_is_what_the_steps_show": (
            "extreme_open_keeps extreme_shut_keeps extreme_open_replaces extreme_shut_replaces"
        ),
        "test_what_a_memory_is_made_of_is_followed_through_its_steps": (
            "memory_unit memory_unit_rest memory_new memory_age"
        ),
        "test_the_median_of_the_facts_is_that_of_the_table": "memory_life memory_lasts",
    },
    "facts/test_lab.py": {
        "test_what_is_said_of_a_matrix_is_counted_again": "lab_shrinks lab_grows lab_zero lab_lost",
        "test_what_is_said_of_the_knobs_holds_in_their_numbers": (
            "lab_unturned lab_turned lab_sufficient lab_border lab_necessary lab_clipped lab_unclipped lab_window"
        ),
    },
    "facts/questions/test_lab.py": {
        "test_what_became_of_a_descent_is_walked_again_and_each_end_occurs": "lab_thrown",
    },
    # Of these the lesson says no more than the numbers that are held there.
    "core/test_gradients_factors.py": {
        "test_saturated_units_are_counted_at_every_step_by_where_their_pre_activation_stands": (
            "lab_flat lab_slope lab_steep"
        ),
    },
    "pages/test_lab.py": {
        "test_only_where_no_gate_goes_around_them_the_slopes_multiply": "lab_around",
    },
    "core/test_gradients_cliff.py": {
        "test_every_step_is_what_pytorchs_sgd_and_clip_grad_norm_take": "lab_steepest lab_ends",
    },
    "core/test_gradients_truncation.py": {
        "test_the_truncated_gradient_is_that_of_the_usual_training_loop": "lab_cut",
        "test_where_windows_overlap_each_loss_has_a_run_of_its_own": "lab_cut_overlapping",
    },
    "core/test_gradients_lab.py": {
        "test_both_ways_of_forgetting_are_what_the_module_does": "lab_past",
        "test_a_row_of_the_table_is_the_flow_of_its_recipe": "lab_table",
    },
    "facts/test_batch.py": {
        "test_what_is_said_of_work_and_states_is_what_pytorch_computes": (
            "batch_waste batch_no_waste batch_kept batch_packed batch_after batch_before"
        ),
        "test_another_expectation_is_told_only_where_there_is_one": "batch_choice",
    },
    "facts/test_gap.py": {
        "test_what_readers_expect_is_held_against_what_fits": "gap_filled gap_one gap_several gap_outside",
        "test_a_further_word_leaves_the_forward_chain_and_changes_the_reverse_one": "gap_writing",
    },
    "facts/test_writing.py": {
        "test_what_is_told_of_the_writing_is_so": (
            "writing_right writing_parts writing_unsure writing_blind writing_back writing_onward writing_stays "
            "writing_spread"
        ),
        "test_what_feeding_the_right_words_changes_is_counted_again": "feeding_same feeding_parts",
        "test_a_change_is_told_where_it_begins": "change_none change_first",
    },
    "facts/test_ways.py": {
        "test_what_is_said_of_the_ways_is_counted_again": (
            "ways_fades ways_grows ways_ends ways_vanishes ways_reaches ways_gain ways_no_gain ways_looked "
            "ways_elsewhere"
        ),
    },
    "facts/test_bottleneck.py": {
        "test_what_is_said_of_lengths_is_counted_again": (
            "bottleneck_half bottleneck_never bottleneck_probe bottleneck_beyond bottleneck_within"
        ),
    },
    "facts/test_forecast.py": {
        "test_what_is_said_of_a_network_beside_free_forecasts_is_counted_again": (
            "forecast_better forecast_alike forecast_worse forecast_season_less forecast_season_alike "
            "forecast_season_more forecast_linear_less forecast_linear_alike forecast_linear_more"
        ),
        "test_of_a_series_that_stands_still_no_skill_is_told": "forecast_still",
        "test_how_an_error_grows_is_that_of_its_first_and_last_step": "forecast_growth",
        "test_six_values_in_a_row_decide_how_three_sines_go_on_and_four_do_not": "forecast_reads",
    },
    "facts/test_stack.py": {
        "test_whose_weights_are_whose_is_what_pytorchs_parameters_say": "stack_apart",
        "test_the_layer_that_keeps_longest_is_found_by_following_each_content": "stack_lives stack_outlasts",
        "test_the_words_that_came_are_counted_again": "stack_score",
        "test_a_silent_layer_leaves_nothing_of_what_was_read": "stack_silent stack_cost stack_no_cost",
    },
    "facts/test_training.py": {
        "test_every_sentence_of_a_run_holds": (
            "train_fades train_grows train_flat train_closed train_untrained train_zero train_zero_plain "
            "train_zero_cut train_theory train_clipped train_cut train_stopped train_learned train_learning "
            "train_stuck train_arrives train_arrived train_worse train_last_fades train_last_grows train_last_flat "
            "train_theory_last"
        ),
    },
    "facts/test_shapes.py": {
        "test_what_is_said_of_taps_is_counted_again": (
            "taps_one_to_one taps_one_to_many taps_many_to_one taps_in_step taps_after_reading taps_mixed taps_blind "
            "taps_nothing taps_unread taps_unknowing taps_zeros taps_loss taps_here taps_back taps_after"
        ),
        "test_a_verdict_is_turned_where_its_probability_rises_most": (
            "verdict_turned verdict_against verdict_end verdict_same"
        ),
        "test_losses_enter_where_a_right_answer_is_known": "losses losses_none",
        "test_the_token_that_a_tagger_is_least_sure_of_is_found_again": "tags_unsure tags_unknown",
        "test_what_is_said_of_a_spelling_is_counted_again": (
            "spelled_right spelled_wrong spelled_own spelled_own_other spelled_letter spelled_end"
        ),
    },
    "pages/test_shapes.py": {
        "test_what_a_patient_is_told_is_what_the_network_says": "pressure",
        "test_a_sequence_shows_that_nothing_is_handed_on": "no_loop",
    },
}
REMARKS = {
    "core/test_heads.py": {
        "test_the_stage_says_what_the_output_is_and_one_logit_is_never_certain": "probability number",
    },
    "facts/test_remarks.py": {
        "test_the_largest_change_is_the_units_that_moved_furthest_either_way": "change",
        "test_gates_are_averaged_over_the_units": "gates",
        "test_what_is_said_to_keep_the_old_keeps_it": "gates_keep",
        "test_saturated_units_are_counted_on_both_sides_and_the_bound_is_not_one_of_them": (
            "stuck_tanh stuck_sigmoid stuck_relu"
        ),
        "test_doubt_is_the_entropy_in_nats": "certain",
        "test_the_outcome_is_set_beside_the_right_answer": "unsure surprised",
    },
    "facts/test_truth.py": {
        "test_a_surprise_is_put_down_to_what_it_is": "agreed open wrong",
        "test_a_word_that_the_grammar_never_has_there_is_said_to_be_outside": "outside",
    },
}
REASONS = {
    "facts/test_forecast.py": {
        "test_the_nearest_forecast_is_found_again": "forecast_nearest: best more",
        "test_the_shape_that_is_nearest_at_the_last_step_is_found_again": "forecast_shapes: best more",
        "test_whether_a_network_only_repeats_is_its_skill_at_one_step": "forecast_copy: right not_knows not_repeats",
        "test_what_helps_a_short_window_is_what_has_the_least_error": "forecast_short: best other",
        "test_the_side_of_forecasts_is_that_of_most_of_them": "forecast_trend: right is_below is_above is_follows",
        "test_what_a_leak_hides_is_the_error_without_it": "forecast_leak: right is_same is_larger is_smaller",
        "test_which_of_two_trainings_is_nearer_is_found_again_at_both_ends": "forecast_horizon: right wrong",
    },
    "facts/test_writing.py": {
        "test_the_order_of_looking_is_that_of_the_largest_shares": (
            "looking: forward backward jumps not_forward not_backward not_jumps"
        ),
        "test_the_exchange_that_is_asked_about_does_what_is_said": (
            "explanation: other shaken hardly not_other not_shaken not_hardly"
        ),
        "test_where_another_word_is_felt_most_is_found_again": "felt: is not",
    },
    "facts/test_ways.py": {
        "test_the_way_that_brings_most_to_the_first_token_is_found_again": (
            "way_back: is_bridge not_bridge is_along not_along is_alpha not_alpha"
        ),
    },
    "facts/test_bottleneck.py": {
        "test_whether_all_is_in_the_last_state_is_read_from_the_nearest_length": (
            "in_last: is_whole not_whole all_of_it is_part not_even is_written is_read is_lost"
        ),
    },
    "facts/test_gap.py": {
        "test_what_decides_a_word_is_answered_by_the_sentences_of_the_grammar": (
            "gap_decides: one_before many_before not_needed needed not_enough stays_open one_left"
        ),
    },
    "facts/test_batch.py": {
        "test_where_pads_move_nothing_the_answer_is_that_they_do_not": (
            "pads_state: stays still_computes is_zero not_zero does_not_move"
        ),
        "test_the_question_about_pads_is_answered_by_pytorch": (
            "pads_state: masked moves, pads_first: not_start not_end pads_come comes_last begins_there pads_after"
        ),
    },
    "facts/test_stack.py": {
        "test_whose_weights_are_whose_is_what_pytorchs_parameters_say": (
            "stack_weights: of_one of_layers of_steps of_cells"
        ),
        "test_a_silent_layer_leaves_nothing_of_what_was_read": "stack_reads: of_below of_others of_all of_none",
        "test_a_larger_network_helps_where_every_seed_says_so": (
            "stack_larger: is_lower not_lower is_alike not_alike is_higher not_higher"
        ),
    },
    "facts/questions/test_gates.py": {
        "test_what_a_unit_holds_after_a_step": "memory: sum flipped switch same",
        "test_why_a_memory_ends_as_it_does_is_what_the_held_gate_did": (
            "fate: adds frozen unwritten unseen blind multiplied not_grow not_stay not_shrink"
        ),
        "test_the_gate_that_closes_most": "closes: most closes opens all_open one_closes",
    },
    "facts/questions/test_question.py": {
        "test_where_the_first_word_is_follows_what_probes_read_and_is_not_always_the_same": (
            "first_word: h h_less c c_both c_lost no_c weights nowhere known"
        ),
    },
    "facts/questions/test_lab.py": {
        "test_what_is_left_lies_in_the_band_that_is_answered": (
            "matrix: right most some none, slopes: right most some none, gates: right most some none, past: right "
            "most some none"
        ),
        "test_a_matrix_that_can_stretch_need_not_and_each_answer_occurs": "sigma: right stretch grows alike shrinks",
        "test_what_became_of_a_descent_is_walked_again_and_each_end_occurs": (
            "cliff: settles_right no_settling thrown_right no_throw came_back back_right no_way_back yet_right decided"
        ),
        "test_the_turn_is_that_of_the_truncated_gradient_and_each_answer_occurs": (
            "turns: right edges forgets, turns_overlapping: right far forgets"
        ),
        "test_whether_more_units_remember_longer_depends_on_the_cell": "units: right wrong",
    },
    "facts/questions/test_sharing.py": {
        "test_the_first_state_that_an_edit_moves_is_the_one_that_pytorchs_module_moves": (
            "edit_reaches: after_loop only_y"
        ),
        "test_each_reason_for_where_an_edit_reaches_is_so_in_networks_that_read_nothing_at_first": (
            "edit_reaches: token zero_state blocked every_copy state from still already differs nowhere"
        ),
        "test_the_copies_that_a_loss_reaches_are_those_that_change_it": (
            "copies: read_once read_once_only goes_on zero_before first_zero zero_memory first_memory every_copy "
            "first_too not_ahead"
        ),
        "test_which_of_two_networks_has_more_weights_depends_on_the_length_and_on_the_cell": (
            "unrolled: once once_more every_place few_places equal not_equal"
        ),
    },
    "facts/test_truth.py": {
        "test_whose_a_surprise_is_is_counted_again_and_each_answer_occurs": (
            "surprised: is_wrong never knows is_open too_far not_open is_outside inside"
        ),
    },
    "facts/questions/test_words.py": {
        "test_a_step_is_decided_where_the_grammar_leaves_one_word_and_the_reasons_hold": "decider: changes stays",
    },
    "facts/questions/test_states.py": {
        "test_the_unit_that_speaks_most_for_a_word_is_not_always_the_largest": "speaks: most less against",
        "test_how_far_apart_two_states_are_after_the_same_last_word": (
            "apart: forgot not_only fades not_faint keeps not_clear"
        ),
    },
    "facts/test_shapes.py": {
        "test_the_states_that_a_loss_reaches_are_those_up_to_the_last_question": (
            "reached: none asked open until here every"
        ),
        "test_a_verdict_is_turned_where_its_probability_rises_most": "turned: most less against",
        "test_losses_enter_where_a_right_answer_is_known": "losses: known none_known one every none",
        "test_the_first_step_at_which_another_word_changes_a_tag_is_found_again": (
            "ahead: before read alike already felt nowhere all_same differs"
        ),
        "test_the_first_step_at_which_another_first_state_is_felt_is_found_again": (
            "drawn: at_first same_first already felt nowhere all_same differs"
        ),
    },
    "facts/questions/test_outcomes.py": {
        "test_how_good_a_network_is_where_its_gradient_is_smallest_is_counted_again_and_each_answer_occurs": (
            "norm: right flat is_learned is_learning is_stuck is_worse"
        ),
        "test_a_run_that_ends_before_it_is_evaluated_again_says_so": "norm: stopped",
        "test_whether_what_arrives_is_learned_from_is_counted_again_and_each_answer_occurs": (
            "arrives: learned not_learned still closed stopped ran_on"
        ),
    },
    "facts/questions/test_training.py": {
        "test_the_answer_to_the_first_rows_question_is_the_rows_own_and_differs_between_runs": (
            "row: right nothing nothing_cut shrinks stays carried grows"
        ),
        "test_with_a_loss_at_every_step_the_first_row_is_asked_about_too_and_the_answer_differs": (
            "every: right right_last shrinks stays grows"
        ),
        "test_where_nothing_at_all_arrives_at_step_1_it_is_said": "every: nothing nothing_cut",
        "test_clipping_changes_nothing_of_what_flows_back_and_only_shortens_the_weights_gradient": "row: clipped",
        "test_every_reason_for_which_of_a_pair_learned_first_holds": (
            "first: learned stopped cut arrived faded not_yet both one none"
        ),
    },
}


def listed(table: Mapping[str, Mapping[str, str]]) -> list[str]:
    return [said for tests in table.values() for said in tests.values()]


def keys() -> list[str]:
    found = [f"notice.{kind}" for said in listed(NOTICES) for kind in said.split()]
    found += [f"stage.remark.{kind}" for said in listed(REMARKS) for kind in said.split()]
    for said in listed(REASONS):
        for question in said.split(", "):
            name, _, reasons = question.partition(": ")
            found += [f"ask.{name}_why_{reason}" for reason in reasons.split()]
    return found


def computed(key: str) -> bool:
    remark = key.startswith("stage.remark.")
    return (
        remark
        or (key.startswith("ask.") and "_why_" in key)
        or (key.startswith("notice.") and not key.startswith("notice.title"))
    )


def test_every_computed_sentence_has_a_test_and_every_test_a_sentence() -> None:
    assert len(keys()) == len(set(keys()))
    for language in LANGUAGES:
        assert set(keys()) == set(filter(computed, catalogue(language)))


def test_the_tests_are_there() -> None:
    for file, tests in [*NOTICES.items(), *REMARKS.items(), *REASONS.items()]:
        tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
        assert tests.keys() <= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
