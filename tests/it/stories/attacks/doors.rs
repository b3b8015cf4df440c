//! Who gets in: scanners, tokens of the Bot Connector, tenants (attacks 1 to 8).
