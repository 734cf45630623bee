//! Tokens lent and borrowed at rates that follow utilisation.
