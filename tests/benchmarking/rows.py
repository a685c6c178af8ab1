"""Rows as they are measured, made up."""


def figures(esr):
    return {"esr": esr, "pre_emphasised_esr": 2 * esr, "mr_stft": 0.5, "loudness_error_db": -1.0}


def row(case, method, esr, effect="drive", held_out=True, **more):
    return {
        "case": case,
        "device": f"device of {case}",
        "effect": effect,
        "delay_ms": None,
        "method": method,
        "settings": {},
        "fitted": figures(esr / 2),
        "held_out": figures(esr) if held_out else None,
        "weights": 4_513,
        "seconds_to_fit": 60.0,
        "times_real_time": 12.0,
        "receptive_field_samples": 1_531 if method == "wavenet" else None,
        "curve": [[1.0, 0.9], [50.0, esr]],
        "esr_curve": [[1.0, 0.9], [50.0, esr]] if method == "wavenet" else [],
        "sample_rate": 44_100,
        "versions": {"python": "3.11.7", "torch": "2.13.0"},
        "machine": {"processor": "a processor", "cores": 2},
        "measures": {},
        **more,
    }
