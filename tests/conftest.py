pytest_plugins = ["shared.testing.plugin", "shared.testing.plugin_backends"]
