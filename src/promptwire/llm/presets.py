"""The place for vendors that are known: what to put into a new provider."""

from __future__ import annotations

from typing import Final

from promptwire.api.catalogue import Preset

PRESETS: Final = (
    Preset(id="openai", name="OpenAI", kind="openai", base_url="https://api.openai.com/v1"),
    Preset(id="anthropic", name="Anthropic", kind="anthropic", base_url="https://api.anthropic.com/v1"),
    Preset(
        id="gemini", name="Google Gemini", kind="gemini", base_url="https://generativelanguage.googleapis.com/v1beta"
    ),
    Preset(
        id="ark", name="Volcengine Ark (Doubao)", kind="openai", base_url="https://ark.cn-beijing.volces.com/api/v3"
    ),
    Preset(id="deepseek", name="DeepSeek", kind="openai", base_url="https://api.deepseek.com/v1"),
    Preset(
        id="qwen",
        name="Alibaba Model Studio (Qwen)",
        kind="openai",
        base_url="https://dashscope.aliyuncs.com/compatible-mode/v1",
    ),
    Preset(id="openrouter", name="OpenRouter", kind="openai", base_url="https://openrouter.ai/api/v1"),
    Preset(id="ollama", name="Ollama", kind="openai", base_url="http://127.0.0.1:11434/v1", needs_key=False),
    Preset(id="vllm", name="vLLM", kind="openai", base_url="http://127.0.0.1:8001/v1", needs_key=False),
    Preset(id="promptwire", name="Another Promptwire", kind="openai", base_url="http://127.0.0.1:8001/v1"),
)
