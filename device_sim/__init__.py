"""A simulated estate: households, their water, electricity and doors, and the devices that report them.

It stands outside the gateway and speaks to it as devices would: by files of history and over MQTT.
"""
