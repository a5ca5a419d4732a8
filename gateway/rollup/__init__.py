"""From dial values to daily use: pure numpy, the same for both physical forms of the store."""
