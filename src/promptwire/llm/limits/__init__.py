"""The place for saying no in time: requests, tokens and streams, reserved before a call and settled after it."""
