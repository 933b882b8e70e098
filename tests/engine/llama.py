"""Run llama.cpp's server with a tiny generated model: `llama.py MODEL CONTEXT [talks]`.

The weights are random, except in two dimensions of the residual stream, which no layer changes. The
first is the same for every token and acts as an output bias: the model writes only letters. The second
separates letters from other tokens: an answer can end only after a letter. It ends after about eight
letters, or never if the model `talks`. Prints the address of the server.
"""

import sys
import time

import gguf
import numpy
import xllamacpp

DIM, LAYERS, HEADS, HIDDEN = 32, 2, 4, 64
UNK, BOS, EOS = 0, 1, 2
TEMPLATE = "{% for m in messages %}<{{ m.role }}>{{ m.content }}\n{% endfor %}<assistant>"


def make(path, context, talks):
    random = numpy.random.default_rng(7)
    tokens = ["<unk>", "<s>", "</s>"] + [f"<0x{byte:02X}>" for byte in range(256)] + ["▁"]
    kinds = [gguf.TokenType.UNKNOWN] + [gguf.TokenType.CONTROL] * 2
    kinds += [gguf.TokenType.BYTE] * 256 + [gguf.TokenType.NORMAL]
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("tiny")
    writer.add_context_length(context)
    writer.add_embedding_length(DIM)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(HIDDEN)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_rope_dimension_count(DIM // HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * len(tokens))
    writer.add_token_types(kinds)
    writer.add_bos_token_id(BOS)
    writer.add_eos_token_id(EOS)
    writer.add_unk_token_id(UNK)
    writer.add_chat_template(TEMPLATE)

    def weights(*shape):
        return (random.standard_normal(shape) * 0.05).astype(numpy.float32)

    def kept(*shape):
        """Leaves the first two dimensions unchanged."""
        tensor = weights(*shape)
        tensor[:2, :] = 0
        return tensor

    letters = slice(3 + ord("a"), 3 + ord("z") + 1)
    embedding = weights(len(tokens), DIM)
    embedding[:, 0] = 4
    embedding[:, 1] = 0
    embedding[letters, 1] = 4
    output = weights(len(tokens), DIM)
    output[:, :2] = 0
    output[:, 0] = -7
    output[letters, 0] = 0
    # After the last norm the two are about 4 and 4 for a letter, and 5.7 and 0 for other tokens.
    if not talks:
        output[EOS, 0] = -3.5
        output[EOS, 1] = 3.75
    writer.add_tensor("token_embd.weight", embedding)
    writer.add_tensor("output_norm.weight", numpy.ones(DIM, numpy.float32))
    writer.add_tensor("output.weight", output)
    for layer in range(LAYERS):
        block = f"blk.{layer}."
        writer.add_tensor(block + "attn_norm.weight", numpy.ones(DIM, numpy.float32))
        writer.add_tensor(block + "ffn_norm.weight", numpy.ones(DIM, numpy.float32))
        for name in "qkv":
            writer.add_tensor(f"{block}attn_{name}.weight", weights(DIM, DIM))
        writer.add_tensor(block + "attn_output.weight", kept(DIM, DIM))
        writer.add_tensor(block + "ffn_gate.weight", weights(HIDDEN, DIM))
        writer.add_tensor(block + "ffn_up.weight", weights(HIDDEN, DIM))
        writer.add_tensor(block + "ffn_down.weight", kept(DIM, HIDDEN))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


path, context = sys.argv[1], int(sys.argv[2])
make(path, context, "talks" in sys.argv[3:])
params = xllamacpp.CommonParams()
params.model.path = path
params.n_ctx = context
params.n_parallel = 1
params.port = 0
params.warmup = False
params.cpuparams.n_threads = 1
server = xllamacpp.Server(params)
print(server.listening_address, flush=True)
while True:
    time.sleep(3600)
