//! The local upstream: a stand-in for chat.qwen.ai in this process, on loopback.
