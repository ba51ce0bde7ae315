"""A paper iron condor: opens one if none is open, prints positions and capital; `--close` closes it.

    set -a; . ./.env.stage-condor; set +a        # TURSO_DB_URL and TURSO_AUTH_TOKEN, as strat create wrote them
    python3 bot.py [--close]

Prices are made up from the distance to the spot: nothing is traded.
"""

from __future__ import annotations

import argparse
import sys
from typing import Literal

from strat_store import Leg, Store, StoreError

LOT = 75
WIDTH = 200.0
MARGIN = WIDTH * LOT


def main() -> int:
    parser = argparse.ArgumentParser(description="A paper iron condor.")
    parser.add_argument("--close", action="store_true", help="close the condor that is open")
    parser.add_argument("--spot", type=float, default=24000.0, help="the underlying's price (default: 24000)")
    options = parser.parse_args()
    try:
        with Store.from_env() as store:
            if options.close:
                close_condor(store, options.spot)
            elif not store.positions():
                store.open_position(iron_condor(options.spot), margin_change=-MARGIN)
            print_state(store)
    except StoreError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def iron_condor(spot: float) -> list[Leg]:
    """Sells a call and a put 200 away from the spot, and buys the wings 200 further out."""
    return [
        paper_leg(spot, spot + WIDTH, "CE", -LOT),
        paper_leg(spot, spot + 2 * WIDTH, "CE", LOT),
        paper_leg(spot, spot - WIDTH, "PE", -LOT),
        paper_leg(spot, spot - 2 * WIDTH, "PE", LOT),
    ]


def paper_leg(spot: float, strike: float, option_type: Literal["CE", "PE"], quantity: int) -> Leg:
    price = paper_price(spot, strike, option_type)
    return Leg(f"NIFTY{strike:.0f}{option_type}", strike, option_type, quantity, price)


def paper_price(spot: float, strike: float, option_type: str) -> float:
    """What the option is worth if it expires now, and 60 less a tenth of its distance, on the exchange's ticks of 0.05."""
    intrinsic = max(0.0, spot - strike if option_type == "CE" else strike - spot)
    return round(round((intrinsic + max(0.05, 60 - abs(spot - strike) / 10)) / 0.05) * 0.05, 2)


def close_condor(store: Store, spot: float) -> None:
    """Closes every open leg at its paper price, and gives back the margin with what was won or lost."""
    legs = store.positions()
    if not legs:
        return
    prices = [paper_price(spot, leg.strike, leg.option_type) for leg in legs]
    pnl = sum((price - leg.entry_price) * leg.quantity for leg, price in zip(legs, prices))
    store.close_position([leg.id for leg in legs], prices, "EXPIRY", margin_change=MARGIN + pnl)


def print_state(store: Store) -> None:
    for leg in store.positions():
        print(f"open  {leg.symbol:<14} {leg.quantity:>5} @ {leg.entry_price:.2f}")
    for trade in store.trades_today():
        pnl = "" if trade.pnl is None else f"  P&L {trade.pnl:.2f}"
        print(f"trade {trade.symbol:<14} {trade.action:<4} {trade.quantity:>4} @ {trade.price:.2f} {trade.execution_reason}{pnl}")
    print(store.capital())


if __name__ == "__main__":
    sys.exit(main())
