# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_qwenctl_global_optspecs
    string join \n o/output= json color= q/quiet v/verbose local engine= engine-model= engine-context= no-input no-stdin raw token-file= config= api-url= proxy= ca-file= connect-timeout= idle-timeout= max-time= chunking= fault= h/help V/version
end

function __fish_qwenctl_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_qwenctl_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_qwenctl_using_subcommand
    set -l cmd (__fish_qwenctl_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c qwenctl -n "__fish_qwenctl_needs_command" -s o -l output -d 'Output format' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document per line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_needs_command" -l color -d 'When to use colours [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_needs_command" -l engine -d 'Model server behind `--local`: ollama, lmstudio, dashscope[-intl] or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_needs_command" -l engine-model -d 'Engine model to use for NAME, or for every unknown model name; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_needs_command" -l engine-context -d 'Context window of the engine\'s model [default: reported by the engine]' -r
complete -c qwenctl -n "__fish_qwenctl_needs_command" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_needs_command" -l config -d 'Config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_needs_command" -l api-url -d 'Base URL of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_needs_command" -l proxy -d 'Proxy for all requests: an http, https, socks5 or socks5h URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_needs_command" -l ca-file -d 'Additional CA certificates to trust, in PEM format' -r -F
complete -c qwenctl -n "__fish_qwenctl_needs_command" -l connect-timeout -d 'Timeout for connecting [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_needs_command" -l idle-timeout -d 'Timeout for a silent upstream [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_needs_command" -l max-time -d 'Timeout for the whole command [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_needs_command" -l chunking -d 'How the local upstream splits answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_needs_command" -l fault -d 'Make the local upstream fail in this way, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_needs_command" -l json -d 'Same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_needs_command" -s q -l quiet -d 'Print only the result and errors, no notes or progress'
complete -c qwenctl -n "__fish_qwenctl_needs_command" -s v -l verbose -d 'Print more details, such as error causes and request ids'
complete -c qwenctl -n "__fish_qwenctl_needs_command" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_needs_command" -l no-input -d 'Never prompt for input'
complete -c qwenctl -n "__fish_qwenctl_needs_command" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_needs_command" -l raw -d 'Print Markdown unrendered, even on a terminal'
complete -c qwenctl -n "__fish_qwenctl_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_needs_command" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_needs_command" -f -a "chats" -d 'List, show, create, rename and delete chats'
complete -c qwenctl -n "__fish_qwenctl_needs_command" -f -a "send" -d 'Send a message to a chat and print the answer'
complete -c qwenctl -n "__fish_qwenctl_needs_command" -f -a "quick" -d 'Send a message to the most recent chat, or to a new one'
complete -c qwenctl -n "__fish_qwenctl_needs_command" -f -a "token" -d 'Store, check and refresh the access token'
complete -c qwenctl -n "__fish_qwenctl_needs_command" -f -a "models" -d 'List the models and their capabilities'
complete -c qwenctl -n "__fish_qwenctl_needs_command" -f -a "status" -d 'Show whether you are signed in (exit code 4 if not)'
complete -c qwenctl -n "__fish_qwenctl_needs_command" -f -a "stats" -d 'Show statistics of your account'
complete -c qwenctl -n "__fish_qwenctl_needs_command" -f -a "serve" -d 'Serve the REST API and the chat page'
complete -c qwenctl -n "__fish_qwenctl_needs_command" -f -a "keys" -d 'Create, list and revoke API keys for `serve`'
complete -c qwenctl -n "__fish_qwenctl_needs_command" -f -a "local" -d 'Run the local upstream on its own, to test other programs'
complete -c qwenctl -n "__fish_qwenctl_needs_command" -f -a "doctor" -d 'Diagnose problems and suggest fixes'
complete -c qwenctl -n "__fish_qwenctl_needs_command" -f -a "config" -d 'Show the settings and their origins'
complete -c qwenctl -n "__fish_qwenctl_needs_command" -f -a "completions" -d 'Print the completion script for a shell'
complete -c qwenctl -n "__fish_qwenctl_needs_command" -f -a "man" -d 'Print the man page (roff), or write the pages of all commands'
complete -c qwenctl -n "__fish_qwenctl_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -s o -l output -d 'Output format' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document per line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -l color -d 'When to use colours [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -l engine -d 'Model server behind `--local`: ollama, lmstudio, dashscope[-intl] or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -l engine-model -d 'Engine model to use for NAME, or for every unknown model name; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -l engine-context -d 'Context window of the engine\'s model [default: reported by the engine]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -l config -d 'Config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -l api-url -d 'Base URL of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -l proxy -d 'Proxy for all requests: an http, https, socks5 or socks5h URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -l ca-file -d 'Additional CA certificates to trust, in PEM format' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -l connect-timeout -d 'Timeout for connecting [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -l idle-timeout -d 'Timeout for a silent upstream [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -l max-time -d 'Timeout for the whole command [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -l chunking -d 'How the local upstream splits answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -l fault -d 'Make the local upstream fail in this way, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -l json -d 'Same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -s q -l quiet -d 'Print only the result and errors, no notes or progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -s v -l verbose -d 'Print more details, such as error causes and request ids'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -l no-input -d 'Never prompt for input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -l raw -d 'Print Markdown unrendered, even on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -f -a "list" -d 'List your chats, newest first'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -f -a "show" -d 'Show the messages of a chat'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -f -a "delete" -d 'Delete chats'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -f -a "new" -d 'Create an empty chat and print its id'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -f -a "rename" -d 'Rename a chat'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -l page -d 'Page number, from 1; a page has up to 60 chats' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -l limit -d 'Maximum number of chats' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -l since -d 'Only chats changed since a date, or within a time such as `3d`' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -s o -l output -d 'Output format' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document per line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -l color -d 'When to use colours [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -l engine -d 'Model server behind `--local`: ollama, lmstudio, dashscope[-intl] or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -l engine-model -d 'Engine model to use for NAME, or for every unknown model name; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -l engine-context -d 'Context window of the engine\'s model [default: reported by the engine]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -l config -d 'Config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -l api-url -d 'Base URL of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -l proxy -d 'Proxy for all requests: an http, https, socks5 or socks5h URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -l ca-file -d 'Additional CA certificates to trust, in PEM format' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -l connect-timeout -d 'Timeout for connecting [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -l idle-timeout -d 'Timeout for a silent upstream [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -l max-time -d 'Timeout for the whole command [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -l chunking -d 'How the local upstream splits answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -l fault -d 'Make the local upstream fail in this way, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -l all -d 'List all pages'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -l json -d 'Same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print only the result and errors, no notes or progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Print more details, such as error causes and request ids'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -l no-input -d 'Never prompt for input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -l raw -d 'Print Markdown unrendered, even on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -s o -l output -d 'Output format' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document per line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -l color -d 'When to use colours [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -l engine -d 'Model server behind `--local`: ollama, lmstudio, dashscope[-intl] or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -l engine-model -d 'Engine model to use for NAME, or for every unknown model name; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -l engine-context -d 'Context window of the engine\'s model [default: reported by the engine]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -l config -d 'Config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -l api-url -d 'Base URL of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -l proxy -d 'Proxy for all requests: an http, https, socks5 or socks5h URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -l ca-file -d 'Additional CA certificates to trust, in PEM format' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -l connect-timeout -d 'Timeout for connecting [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -l idle-timeout -d 'Timeout for a silent upstream [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -l max-time -d 'Timeout for the whole command [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -l chunking -d 'How the local upstream splits answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -l fault -d 'Make the local upstream fail in this way, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -l tree -d 'Show all branches, indented, instead of the current one'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -l json -d 'Same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print only the result and errors, no notes or progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Print more details, such as error causes and request ids'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -l no-input -d 'Never prompt for input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -l raw -d 'Print Markdown unrendered, even on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -s o -l output -d 'Output format' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document per line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -l color -d 'When to use colours [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -l engine -d 'Model server behind `--local`: ollama, lmstudio, dashscope[-intl] or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -l engine-model -d 'Engine model to use for NAME, or for every unknown model name; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -l engine-context -d 'Context window of the engine\'s model [default: reported by the engine]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -l config -d 'Config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -l api-url -d 'Base URL of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -l proxy -d 'Proxy for all requests: an http, https, socks5 or socks5h URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -l ca-file -d 'Additional CA certificates to trust, in PEM format' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -l connect-timeout -d 'Timeout for connecting [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -l idle-timeout -d 'Timeout for a silent upstream [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -l max-time -d 'Timeout for the whole command [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -l chunking -d 'How the local upstream splits answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -l fault -d 'Make the local upstream fail in this way, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -s y -l yes -d 'Delete without confirmation'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -l dry-run -d 'List the chats that would be deleted, and delete none'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -l json -d 'Same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -s q -l quiet -d 'Print only the result and errors, no notes or progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -s v -l verbose -d 'Print more details, such as error causes and request ids'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -l no-input -d 'Never prompt for input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -l raw -d 'Print Markdown unrendered, even on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -l title -d 'Title of the chat' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -s m -l model -d 'Model of the chat' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -s o -l output -d 'Output format' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document per line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -l color -d 'When to use colours [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -l engine -d 'Model server behind `--local`: ollama, lmstudio, dashscope[-intl] or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -l engine-model -d 'Engine model to use for NAME, or for every unknown model name; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -l engine-context -d 'Context window of the engine\'s model [default: reported by the engine]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -l config -d 'Config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -l api-url -d 'Base URL of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -l proxy -d 'Proxy for all requests: an http, https, socks5 or socks5h URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -l ca-file -d 'Additional CA certificates to trust, in PEM format' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -l connect-timeout -d 'Timeout for connecting [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -l idle-timeout -d 'Timeout for a silent upstream [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -l max-time -d 'Timeout for the whole command [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -l chunking -d 'How the local upstream splits answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -l fault -d 'Make the local upstream fail in this way, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -l json -d 'Same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -s q -l quiet -d 'Print only the result and errors, no notes or progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -s v -l verbose -d 'Print more details, such as error causes and request ids'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -l no-input -d 'Never prompt for input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -l raw -d 'Print Markdown unrendered, even on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -s o -l output -d 'Output format' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document per line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -l color -d 'When to use colours [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -l engine -d 'Model server behind `--local`: ollama, lmstudio, dashscope[-intl] or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -l engine-model -d 'Engine model to use for NAME, or for every unknown model name; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -l engine-context -d 'Context window of the engine\'s model [default: reported by the engine]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -l config -d 'Config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -l api-url -d 'Base URL of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -l proxy -d 'Proxy for all requests: an http, https, socks5 or socks5h URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -l ca-file -d 'Additional CA certificates to trust, in PEM format' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -l connect-timeout -d 'Timeout for connecting [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -l idle-timeout -d 'Timeout for a silent upstream [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -l max-time -d 'Timeout for the whole command [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -l chunking -d 'How the local upstream splits answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -l fault -d 'Make the local upstream fail in this way, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -l json -d 'Same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -s q -l quiet -d 'Print only the result and errors, no notes or progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -s v -l verbose -d 'Print more details, such as error causes and request ids'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -l no-input -d 'Never prompt for input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -l raw -d 'Print Markdown unrendered, even on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from help" -f -a "list" -d 'List your chats, newest first'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show the messages of a chat'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from help" -f -a "delete" -d 'Delete chats'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from help" -f -a "new" -d 'Create an empty chat and print its id'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from help" -f -a "rename" -d 'Rename a chat'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -s m -l model -d 'Model to use (see `qwenctl models`)' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l system -d 'System prompt' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l parent -d 'Reply to this message instead of the current one; starts a branch' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -s o -l output -d 'Output format' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document per line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l color -d 'When to use colours [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l engine -d 'Model server behind `--local`: ollama, lmstudio, dashscope[-intl] or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l engine-model -d 'Engine model to use for NAME, or for every unknown model name; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l engine-context -d 'Context window of the engine\'s model [default: reported by the engine]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l config -d 'Config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l api-url -d 'Base URL of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l proxy -d 'Proxy for all requests: an http, https, socks5 or socks5h URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l ca-file -d 'Additional CA certificates to trust, in PEM format' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l connect-timeout -d 'Timeout for connecting [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l idle-timeout -d 'Timeout for a silent upstream [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l max-time -d 'Timeout for the whole command [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l chunking -d 'How the local upstream splits answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l fault -d 'Make the local upstream fail in this way, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l think -d 'Enable thinking'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l search -d 'Enable web search'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l no-stream -d 'Print the answer only when it is complete'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l json -d 'Same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -s q -l quiet -d 'Print only the result and errors, no notes or progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -s v -l verbose -d 'Print more details, such as error causes and request ids'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l no-input -d 'Never prompt for input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l raw -d 'Print Markdown unrendered, even on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -s m -l model -d 'Model to use (see `qwenctl models`)' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l system -d 'System prompt' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l parent -d 'Reply to this message of the most recent chat instead of the current one' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -s o -l output -d 'Output format' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document per line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l color -d 'When to use colours [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l engine -d 'Model server behind `--local`: ollama, lmstudio, dashscope[-intl] or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l engine-model -d 'Engine model to use for NAME, or for every unknown model name; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l engine-context -d 'Context window of the engine\'s model [default: reported by the engine]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l config -d 'Config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l api-url -d 'Base URL of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l proxy -d 'Proxy for all requests: an http, https, socks5 or socks5h URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l ca-file -d 'Additional CA certificates to trust, in PEM format' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l connect-timeout -d 'Timeout for connecting [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l idle-timeout -d 'Timeout for a silent upstream [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l max-time -d 'Timeout for the whole command [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l chunking -d 'How the local upstream splits answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l fault -d 'Make the local upstream fail in this way, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l think -d 'Enable thinking'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l search -d 'Enable web search'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l no-stream -d 'Print the answer only when it is complete'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -s c -l continue -d 'Continue the most recent chat, whatever the setting `quick` says'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l new -d 'Start a new chat'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l ephemeral -d 'Start a new chat and delete it afterwards, even on failure'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l json -d 'Same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -s q -l quiet -d 'Print only the result and errors, no notes or progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -s v -l verbose -d 'Print more details, such as error causes and request ids'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l no-input -d 'Never prompt for input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l raw -d 'Print Markdown unrendered, even on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -s o -l output -d 'Output format' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document per line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -l color -d 'When to use colours [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -l engine -d 'Model server behind `--local`: ollama, lmstudio, dashscope[-intl] or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -l engine-model -d 'Engine model to use for NAME, or for every unknown model name; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -l engine-context -d 'Context window of the engine\'s model [default: reported by the engine]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -l config -d 'Config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -l api-url -d 'Base URL of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -l proxy -d 'Proxy for all requests: an http, https, socks5 or socks5h URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -l ca-file -d 'Additional CA certificates to trust, in PEM format' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -l connect-timeout -d 'Timeout for connecting [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -l idle-timeout -d 'Timeout for a silent upstream [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -l max-time -d 'Timeout for the whole command [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -l chunking -d 'How the local upstream splits answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -l fault -d 'Make the local upstream fail in this way, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -l json -d 'Same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -s q -l quiet -d 'Print only the result and errors, no notes or progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -s v -l verbose -d 'Print more details, such as error causes and request ids'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -l no-input -d 'Never prompt for input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -l raw -d 'Print Markdown unrendered, even on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -f -a "set" -d 'Store an access token (hidden prompt or standard input)'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -f -a "info" -d 'Show the token\'s origin and expiry (exit code 4 if expired)'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -f -a "refresh" -d 'Refresh the access token and store it'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -s o -l output -d 'Output format' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document per line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -l color -d 'When to use colours [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -l engine -d 'Model server behind `--local`: ollama, lmstudio, dashscope[-intl] or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -l engine-model -d 'Engine model to use for NAME, or for every unknown model name; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -l engine-context -d 'Context window of the engine\'s model [default: reported by the engine]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -l config -d 'Config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -l api-url -d 'Base URL of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -l proxy -d 'Proxy for all requests: an http, https, socks5 or socks5h URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -l ca-file -d 'Additional CA certificates to trust, in PEM format' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -l connect-timeout -d 'Timeout for connecting [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -l idle-timeout -d 'Timeout for a silent upstream [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -l max-time -d 'Timeout for the whole command [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -l chunking -d 'How the local upstream splits answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -l fault -d 'Make the local upstream fail in this way, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -l with-refresh -d 'Also read the refresh token (second line of standard input)'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -l json -d 'Same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -s q -l quiet -d 'Print only the result and errors, no notes or progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -s v -l verbose -d 'Print more details, such as error causes and request ids'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -l no-input -d 'Never prompt for input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -l raw -d 'Print Markdown unrendered, even on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -s o -l output -d 'Output format' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document per line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -l color -d 'When to use colours [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -l engine -d 'Model server behind `--local`: ollama, lmstudio, dashscope[-intl] or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -l engine-model -d 'Engine model to use for NAME, or for every unknown model name; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -l engine-context -d 'Context window of the engine\'s model [default: reported by the engine]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -l config -d 'Config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -l api-url -d 'Base URL of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -l proxy -d 'Proxy for all requests: an http, https, socks5 or socks5h URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -l ca-file -d 'Additional CA certificates to trust, in PEM format' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -l connect-timeout -d 'Timeout for connecting [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -l idle-timeout -d 'Timeout for a silent upstream [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -l max-time -d 'Timeout for the whole command [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -l chunking -d 'How the local upstream splits answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -l fault -d 'Make the local upstream fail in this way, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -l check -d 'Check whether the upstream accepts the token'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -l json -d 'Same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -s q -l quiet -d 'Print only the result and errors, no notes or progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -s v -l verbose -d 'Print more details, such as error causes and request ids'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -l no-input -d 'Never prompt for input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -l raw -d 'Print Markdown unrendered, even on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -s o -l output -d 'Output format' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document per line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -l color -d 'When to use colours [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -l engine -d 'Model server behind `--local`: ollama, lmstudio, dashscope[-intl] or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -l engine-model -d 'Engine model to use for NAME, or for every unknown model name; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -l engine-context -d 'Context window of the engine\'s model [default: reported by the engine]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -l config -d 'Config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -l api-url -d 'Base URL of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -l proxy -d 'Proxy for all requests: an http, https, socks5 or socks5h URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -l ca-file -d 'Additional CA certificates to trust, in PEM format' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -l connect-timeout -d 'Timeout for connecting [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -l idle-timeout -d 'Timeout for a silent upstream [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -l max-time -d 'Timeout for the whole command [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -l chunking -d 'How the local upstream splits answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -l fault -d 'Make the local upstream fail in this way, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -l json -d 'Same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -s q -l quiet -d 'Print only the result and errors, no notes or progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -s v -l verbose -d 'Print more details, such as error causes and request ids'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -l no-input -d 'Never prompt for input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -l raw -d 'Print Markdown unrendered, even on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from help" -f -a "set" -d 'Store an access token (hidden prompt or standard input)'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from help" -f -a "info" -d 'Show the token\'s origin and expiry (exit code 4 if expired)'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from help" -f -a "refresh" -d 'Refresh the access token and store it'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -s o -l output -d 'Output format' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document per line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -l color -d 'When to use colours [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -l engine -d 'Model server behind `--local`: ollama, lmstudio, dashscope[-intl] or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -l engine-model -d 'Engine model to use for NAME, or for every unknown model name; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -l engine-context -d 'Context window of the engine\'s model [default: reported by the engine]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -l config -d 'Config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -l api-url -d 'Base URL of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -l proxy -d 'Proxy for all requests: an http, https, socks5 or socks5h URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -l ca-file -d 'Additional CA certificates to trust, in PEM format' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -l connect-timeout -d 'Timeout for connecting [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -l idle-timeout -d 'Timeout for a silent upstream [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -l max-time -d 'Timeout for the whole command [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -l chunking -d 'How the local upstream splits answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -l fault -d 'Make the local upstream fail in this way, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -l json -d 'Same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -s q -l quiet -d 'Print only the result and errors, no notes or progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -s v -l verbose -d 'Print more details, such as error causes and request ids'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -l no-input -d 'Never prompt for input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -l raw -d 'Print Markdown unrendered, even on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -s o -l output -d 'Output format' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document per line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -l color -d 'When to use colours [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -l engine -d 'Model server behind `--local`: ollama, lmstudio, dashscope[-intl] or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -l engine-model -d 'Engine model to use for NAME, or for every unknown model name; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -l engine-context -d 'Context window of the engine\'s model [default: reported by the engine]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -l config -d 'Config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -l api-url -d 'Base URL of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -l proxy -d 'Proxy for all requests: an http, https, socks5 or socks5h URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -l ca-file -d 'Additional CA certificates to trust, in PEM format' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -l connect-timeout -d 'Timeout for connecting [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -l idle-timeout -d 'Timeout for a silent upstream [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -l max-time -d 'Timeout for the whole command [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -l chunking -d 'How the local upstream splits answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -l fault -d 'Make the local upstream fail in this way, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -l json -d 'Same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -s q -l quiet -d 'Print only the result and errors, no notes or progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -s v -l verbose -d 'Print more details, such as error causes and request ids'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -l no-input -d 'Never prompt for input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -l raw -d 'Print Markdown unrendered, even on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -s o -l output -d 'Output format' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document per line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -l color -d 'When to use colours [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -l engine -d 'Model server behind `--local`: ollama, lmstudio, dashscope[-intl] or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -l engine-model -d 'Engine model to use for NAME, or for every unknown model name; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -l engine-context -d 'Context window of the engine\'s model [default: reported by the engine]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -l config -d 'Config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -l api-url -d 'Base URL of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -l proxy -d 'Proxy for all requests: an http, https, socks5 or socks5h URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -l ca-file -d 'Additional CA certificates to trust, in PEM format' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -l connect-timeout -d 'Timeout for connecting [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -l idle-timeout -d 'Timeout for a silent upstream [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -l max-time -d 'Timeout for the whole command [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -l chunking -d 'How the local upstream splits answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -l fault -d 'Make the local upstream fail in this way, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -l json -d 'Same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -s q -l quiet -d 'Print only the result and errors, no notes or progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -s v -l verbose -d 'Print more details, such as error causes and request ids'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -l no-input -d 'Never prompt for input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -l raw -d 'Print Markdown unrendered, even on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -s m -l model -d 'Model for prompts that name none' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l model-alias -d 'Alias for a model in `/v1` requests; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l drain -d 'Grace period for running requests after the first Ctrl-C or SIGTERM' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l print-unit -d 'Print a systemd unit for this command line and exit' -r -f -a "systemd\t'A systemd service'
socket\t'The systemd socket of that service'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l host -d 'Address to listen on; any but a loopback address is open to the network' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l port -d 'Port to listen on; 0 picks a free one' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l allow-host -d 'Additional host name to accept in the `Host` header; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l trust-proxy -d 'Trust `X-Forwarded-For` and `Forwarded` from this proxy; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l tls-cert -d 'Certificate chain in PEM format; enables HTTPS' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l tls-key -d 'Private key of the certificate in PEM format' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l session-time -d 'Lifetime of a login session' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l rate-limit -d 'Request limit per client, such as "100 per day"; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l rate-limit-send -d 'Prompt limit per client, such as "20 per minute"; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l max-inflight -d 'Maximum number of concurrent requests; more are queued (see --max-queue)' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l max-queue -d 'Maximum number of queued requests; more are refused with status 503' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l chat-wait -d 'Maximum time a prompt is queued behind earlier ones of the same chat' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l stream-wait -d 'Maximum time until a streamed response begins, with heartbeats' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l max-body -d 'Maximum size of a request body, in bytes' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l max-connections -d 'Maximum number of connections; a remote address may hold a quarter' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l client-timeout -d 'Timeout for a TLS handshake, a request head and an idle connection' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l body-timeout -d 'Timeout for a whole request body' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l reader-timeout -d 'Timeout for a client that stops reading an answer; stops the model' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l cache-lists -d 'Cache chat lists, chats and statistics for this long' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l cache-answers -d 'Reuse the answer to an identical `quick` prompt for this long' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l cache-size -d 'Maximum size of all caches together, in bytes; 0 disables caching' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l log-format -d 'Format of the log lines' -r -f -a "text\t'For people'
json\t'One JSON object per line'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l log-file -d 'Write the log to this file instead of standard error' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l log-max-size -d 'Removed: use logrotate' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l log-keep -d 'Removed: use logrotate' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -s o -l output -d 'Output format' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document per line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l color -d 'When to use colours [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l engine -d 'Model server behind `--local`: ollama, lmstudio, dashscope[-intl] or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l engine-model -d 'Engine model to use for NAME, or for every unknown model name; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l engine-context -d 'Context window of the engine\'s model [default: reported by the engine]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l config -d 'Config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l api-url -d 'Base URL of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l proxy -d 'Proxy for all requests: an http, https, socks5 or socks5h URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l ca-file -d 'Additional CA certificates to trust, in PEM format' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l connect-timeout -d 'Timeout for connecting [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l idle-timeout -d 'Timeout for a silent upstream [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l max-time -d 'Timeout for the whole command [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l chunking -d 'How the local upstream splits answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l fault -d 'Make the local upstream fail in this way, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l any-model -d 'Use the default model for unknown model names in `/v1` requests'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l strict -d 'Reject `/v1` requests with unsupported parameters'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l require-key -d 'Require an API key from every client, even on this machine'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l no-server-token -d 'Never use the server\'s own access token; clients must send their own'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l log-bodies -d 'Log prompts and answers'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l json -d 'Same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -s q -l quiet -d 'Print only the result and errors, no notes or progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -s v -l verbose -d 'Print more details, such as error causes and request ids'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l no-input -d 'Never prompt for input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l raw -d 'Print Markdown unrendered, even on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -s o -l output -d 'Output format' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document per line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -l color -d 'When to use colours [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -l engine -d 'Model server behind `--local`: ollama, lmstudio, dashscope[-intl] or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -l engine-model -d 'Engine model to use for NAME, or for every unknown model name; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -l engine-context -d 'Context window of the engine\'s model [default: reported by the engine]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -l config -d 'Config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -l api-url -d 'Base URL of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -l proxy -d 'Proxy for all requests: an http, https, socks5 or socks5h URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -l ca-file -d 'Additional CA certificates to trust, in PEM format' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -l connect-timeout -d 'Timeout for connecting [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -l idle-timeout -d 'Timeout for a silent upstream [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -l max-time -d 'Timeout for the whole command [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -l chunking -d 'How the local upstream splits answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -l fault -d 'Make the local upstream fail in this way, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -l json -d 'Same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -s q -l quiet -d 'Print only the result and errors, no notes or progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -s v -l verbose -d 'Print more details, such as error causes and request ids'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -l no-input -d 'Never prompt for input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -l raw -d 'Print Markdown unrendered, even on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -f -a "create" -d 'Create an API key and print it once'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -f -a "list" -d 'List the API keys, without the keys themselves'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -f -a "revoke" -d 'Revoke an API key and its login sessions immediately'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -l expires -d 'Expiry date or lifetime: `2027-01-01`, `2027-01-01T08:00:00Z`, `90d`, `12h`' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -l limit -d 'Request limit that replaces the server\'s `--rate-limit`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -l scope -d 'Scope: `read`, `send` (read and prompt) or `admin` (also delete)' -r -f -a "read\t''
send\t''
admin\t''"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -s o -l output -d 'Output format' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document per line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -l color -d 'When to use colours [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -l engine -d 'Model server behind `--local`: ollama, lmstudio, dashscope[-intl] or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -l engine-model -d 'Engine model to use for NAME, or for every unknown model name; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -l engine-context -d 'Context window of the engine\'s model [default: reported by the engine]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -l config -d 'Config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -l api-url -d 'Base URL of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -l proxy -d 'Proxy for all requests: an http, https, socks5 or socks5h URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -l ca-file -d 'Additional CA certificates to trust, in PEM format' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -l connect-timeout -d 'Timeout for connecting [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -l idle-timeout -d 'Timeout for a silent upstream [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -l max-time -d 'Timeout for the whole command [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -l chunking -d 'How the local upstream splits answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -l fault -d 'Make the local upstream fail in this way, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -l json -d 'Same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -s q -l quiet -d 'Print only the result and errors, no notes or progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -s v -l verbose -d 'Print more details, such as error causes and request ids'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -l no-input -d 'Never prompt for input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -l raw -d 'Print Markdown unrendered, even on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -s o -l output -d 'Output format' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document per line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l color -d 'When to use colours [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l engine -d 'Model server behind `--local`: ollama, lmstudio, dashscope[-intl] or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l engine-model -d 'Engine model to use for NAME, or for every unknown model name; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l engine-context -d 'Context window of the engine\'s model [default: reported by the engine]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l config -d 'Config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l api-url -d 'Base URL of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l proxy -d 'Proxy for all requests: an http, https, socks5 or socks5h URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l ca-file -d 'Additional CA certificates to trust, in PEM format' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l connect-timeout -d 'Timeout for connecting [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l idle-timeout -d 'Timeout for a silent upstream [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l max-time -d 'Timeout for the whole command [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l chunking -d 'How the local upstream splits answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l fault -d 'Make the local upstream fail in this way, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l json -d 'Same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print only the result and errors, no notes or progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Print more details, such as error causes and request ids'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l no-input -d 'Never prompt for input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l raw -d 'Print Markdown unrendered, even on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -s o -l output -d 'Output format' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document per line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -l color -d 'When to use colours [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -l engine -d 'Model server behind `--local`: ollama, lmstudio, dashscope[-intl] or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -l engine-model -d 'Engine model to use for NAME, or for every unknown model name; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -l engine-context -d 'Context window of the engine\'s model [default: reported by the engine]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -l config -d 'Config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -l api-url -d 'Base URL of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -l proxy -d 'Proxy for all requests: an http, https, socks5 or socks5h URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -l ca-file -d 'Additional CA certificates to trust, in PEM format' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -l connect-timeout -d 'Timeout for connecting [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -l idle-timeout -d 'Timeout for a silent upstream [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -l max-time -d 'Timeout for the whole command [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -l chunking -d 'How the local upstream splits answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -l fault -d 'Make the local upstream fail in this way, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -l json -d 'Same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -s q -l quiet -d 'Print only the result and errors, no notes or progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -s v -l verbose -d 'Print more details, such as error causes and request ids'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -l no-input -d 'Never prompt for input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -l raw -d 'Print Markdown unrendered, even on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from help" -f -a "create" -d 'Create an API key and print it once'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the API keys, without the keys themselves'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from help" -f -a "revoke" -d 'Revoke an API key and its login sessions immediately'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l port -d 'Port to listen on at 127.0.0.1; 0 picks a free one' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l write-token -d 'Write the access token to this file (mode 0600)' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l database -d 'Database file [default: a temporary one]' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l seed -d 'Seed of random chunking and generated ids' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -s o -l output -d 'Output format' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document per line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l color -d 'When to use colours [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l engine -d 'Model server behind `--local`: ollama, lmstudio, dashscope[-intl] or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l engine-model -d 'Engine model to use for NAME, or for every unknown model name; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l engine-context -d 'Context window of the engine\'s model [default: reported by the engine]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l config -d 'Config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l api-url -d 'Base URL of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l proxy -d 'Proxy for all requests: an http, https, socks5 or socks5h URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l ca-file -d 'Additional CA certificates to trust, in PEM format' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l connect-timeout -d 'Timeout for connecting [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l idle-timeout -d 'Timeout for a silent upstream [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l max-time -d 'Timeout for the whole command [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l chunking -d 'How the local upstream splits answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l fault -d 'Make the local upstream fail in this way, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l print-token -d 'Print the access token on standard output'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l no-pace -d 'Answer immediately, without simulated pauses'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l json -d 'Same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -s q -l quiet -d 'Print only the result and errors, no notes or progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -s v -l verbose -d 'Print more details, such as error causes and request ids'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l no-input -d 'Never prompt for input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l raw -d 'Print Markdown unrendered, even on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -s o -l output -d 'Output format' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document per line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -l color -d 'When to use colours [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -l engine -d 'Model server behind `--local`: ollama, lmstudio, dashscope[-intl] or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -l engine-model -d 'Engine model to use for NAME, or for every unknown model name; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -l engine-context -d 'Context window of the engine\'s model [default: reported by the engine]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -l config -d 'Config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -l api-url -d 'Base URL of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -l proxy -d 'Proxy for all requests: an http, https, socks5 or socks5h URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -l ca-file -d 'Additional CA certificates to trust, in PEM format' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -l connect-timeout -d 'Timeout for connecting [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -l idle-timeout -d 'Timeout for a silent upstream [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -l max-time -d 'Timeout for the whole command [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -l chunking -d 'How the local upstream splits answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -l fault -d 'Make the local upstream fail in this way, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -l json -d 'Same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -s q -l quiet -d 'Print only the result and errors, no notes or progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -s v -l verbose -d 'Print more details, such as error causes and request ids'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -l no-input -d 'Never prompt for input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -l raw -d 'Print Markdown unrendered, even on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -s o -l output -d 'Output format' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document per line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -l color -d 'When to use colours [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -l engine -d 'Model server behind `--local`: ollama, lmstudio, dashscope[-intl] or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -l engine-model -d 'Engine model to use for NAME, or for every unknown model name; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -l engine-context -d 'Context window of the engine\'s model [default: reported by the engine]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -l config -d 'Config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -l api-url -d 'Base URL of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -l proxy -d 'Proxy for all requests: an http, https, socks5 or socks5h URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -l ca-file -d 'Additional CA certificates to trust, in PEM format' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -l connect-timeout -d 'Timeout for connecting [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -l idle-timeout -d 'Timeout for a silent upstream [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -l max-time -d 'Timeout for the whole command [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -l chunking -d 'How the local upstream splits answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -l fault -d 'Make the local upstream fail in this way, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -l json -d 'Same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -s q -l quiet -d 'Print only the result and errors, no notes or progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -s v -l verbose -d 'Print more details, such as error causes and request ids'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -l no-input -d 'Never prompt for input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -l raw -d 'Print Markdown unrendered, even on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -f -a "path" -d 'Print the paths of config file, credentials and data'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -f -a "show" -d 'Print the effective settings'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -s o -l output -d 'Output format' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document per line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -l color -d 'When to use colours [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -l engine -d 'Model server behind `--local`: ollama, lmstudio, dashscope[-intl] or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -l engine-model -d 'Engine model to use for NAME, or for every unknown model name; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -l engine-context -d 'Context window of the engine\'s model [default: reported by the engine]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -l config -d 'Config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -l api-url -d 'Base URL of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -l proxy -d 'Proxy for all requests: an http, https, socks5 or socks5h URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -l ca-file -d 'Additional CA certificates to trust, in PEM format' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -l connect-timeout -d 'Timeout for connecting [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -l idle-timeout -d 'Timeout for a silent upstream [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -l max-time -d 'Timeout for the whole command [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -l chunking -d 'How the local upstream splits answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -l fault -d 'Make the local upstream fail in this way, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -l json -d 'Same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -s q -l quiet -d 'Print only the result and errors, no notes or progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -s v -l verbose -d 'Print more details, such as error causes and request ids'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -l no-input -d 'Never prompt for input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -l raw -d 'Print Markdown unrendered, even on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -s o -l output -d 'Output format' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document per line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -l color -d 'When to use colours [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -l engine -d 'Model server behind `--local`: ollama, lmstudio, dashscope[-intl] or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -l engine-model -d 'Engine model to use for NAME, or for every unknown model name; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -l engine-context -d 'Context window of the engine\'s model [default: reported by the engine]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -l config -d 'Config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -l api-url -d 'Base URL of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -l proxy -d 'Proxy for all requests: an http, https, socks5 or socks5h URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -l ca-file -d 'Additional CA certificates to trust, in PEM format' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -l connect-timeout -d 'Timeout for connecting [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -l idle-timeout -d 'Timeout for a silent upstream [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -l max-time -d 'Timeout for the whole command [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -l chunking -d 'How the local upstream splits answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -l fault -d 'Make the local upstream fail in this way, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -l origin -d 'Print the origin of each value'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -l json -d 'Same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print only the result and errors, no notes or progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Print more details, such as error causes and request ids'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -l no-input -d 'Never prompt for input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -l raw -d 'Print Markdown unrendered, even on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "path" -d 'Print the paths of config file, credentials and data'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "show" -d 'Print the effective settings'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -s o -l output -d 'Output format' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document per line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -l color -d 'When to use colours [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -l engine -d 'Model server behind `--local`: ollama, lmstudio, dashscope[-intl] or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -l engine-model -d 'Engine model to use for NAME, or for every unknown model name; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -l engine-context -d 'Context window of the engine\'s model [default: reported by the engine]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -l config -d 'Config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -l api-url -d 'Base URL of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -l proxy -d 'Proxy for all requests: an http, https, socks5 or socks5h URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -l ca-file -d 'Additional CA certificates to trust, in PEM format' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -l connect-timeout -d 'Timeout for connecting [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -l idle-timeout -d 'Timeout for a silent upstream [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -l max-time -d 'Timeout for the whole command [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -l chunking -d 'How the local upstream splits answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -l fault -d 'Make the local upstream fail in this way, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -l json -d 'Same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -s q -l quiet -d 'Print only the result and errors, no notes or progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -s v -l verbose -d 'Print more details, such as error causes and request ids'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -l no-input -d 'Never prompt for input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -l raw -d 'Print Markdown unrendered, even on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -l all -d 'Write one page per command to this directory' -r -f -a "(__fish_complete_directories)"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -s o -l output -d 'Output format' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document per line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -l color -d 'When to use colours [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` says otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -l engine -d 'Model server behind `--local`: ollama, lmstudio, dashscope[-intl] or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -l engine-model -d 'Engine model to use for NAME, or for every unknown model name; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -l engine-context -d 'Context window of the engine\'s model [default: reported by the engine]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -l config -d 'Config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -l api-url -d 'Base URL of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -l proxy -d 'Proxy for all requests: an http, https, socks5 or socks5h URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -l ca-file -d 'Additional CA certificates to trust, in PEM format' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -l connect-timeout -d 'Timeout for connecting [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -l idle-timeout -d 'Timeout for a silent upstream [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -l max-time -d 'Timeout for the whole command [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -l chunking -d 'How the local upstream splits answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -l fault -d 'Make the local upstream fail in this way, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -l json -d 'Same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -s q -l quiet -d 'Print only the result and errors, no notes or progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -s v -l verbose -d 'Print more details, such as error causes and request ids'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -l no-input -d 'Never prompt for input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -l raw -d 'Print Markdown unrendered, even on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and not __fish_seen_subcommand_from chats send quick token models status stats serve keys local doctor config completions man help settings errors rest openai limits log metrics engine" -f -a "chats" -d 'List, show, create, rename and delete chats'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and not __fish_seen_subcommand_from chats send quick token models status stats serve keys local doctor config completions man help settings errors rest openai limits log metrics engine" -f -a "send" -d 'Send a message to a chat and print the answer'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and not __fish_seen_subcommand_from chats send quick token models status stats serve keys local doctor config completions man help settings errors rest openai limits log metrics engine" -f -a "quick" -d 'Send a message to the most recent chat, or to a new one'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and not __fish_seen_subcommand_from chats send quick token models status stats serve keys local doctor config completions man help settings errors rest openai limits log metrics engine" -f -a "token" -d 'Store, check and refresh the access token'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and not __fish_seen_subcommand_from chats send quick token models status stats serve keys local doctor config completions man help settings errors rest openai limits log metrics engine" -f -a "models" -d 'List the models and their capabilities'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and not __fish_seen_subcommand_from chats send quick token models status stats serve keys local doctor config completions man help settings errors rest openai limits log metrics engine" -f -a "status" -d 'Show whether you are signed in (exit code 4 if not)'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and not __fish_seen_subcommand_from chats send quick token models status stats serve keys local doctor config completions man help settings errors rest openai limits log metrics engine" -f -a "stats" -d 'Show statistics of your account'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and not __fish_seen_subcommand_from chats send quick token models status stats serve keys local doctor config completions man help settings errors rest openai limits log metrics engine" -f -a "serve" -d 'Serve the REST API and the chat page'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and not __fish_seen_subcommand_from chats send quick token models status stats serve keys local doctor config completions man help settings errors rest openai limits log metrics engine" -f -a "keys" -d 'Create, list and revoke API keys for `serve`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and not __fish_seen_subcommand_from chats send quick token models status stats serve keys local doctor config completions man help settings errors rest openai limits log metrics engine" -f -a "local" -d 'Run the local upstream on its own, to test other programs'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and not __fish_seen_subcommand_from chats send quick token models status stats serve keys local doctor config completions man help settings errors rest openai limits log metrics engine" -f -a "doctor" -d 'Diagnose problems and suggest fixes'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and not __fish_seen_subcommand_from chats send quick token models status stats serve keys local doctor config completions man help settings errors rest openai limits log metrics engine" -f -a "config" -d 'Show the settings and their origins'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and not __fish_seen_subcommand_from chats send quick token models status stats serve keys local doctor config completions man help settings errors rest openai limits log metrics engine" -f -a "completions" -d 'Print the completion script for a shell'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and not __fish_seen_subcommand_from chats send quick token models status stats serve keys local doctor config completions man help settings errors rest openai limits log metrics engine" -f -a "man" -d 'Print the man page (roff), or write the pages of all commands'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and not __fish_seen_subcommand_from chats send quick token models status stats serve keys local doctor config completions man help settings errors rest openai limits log metrics engine" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and not __fish_seen_subcommand_from chats send quick token models status stats serve keys local doctor config completions man help settings errors rest openai limits log metrics engine" -f -a "settings" -d 'Flags, environment variables and the config file'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and not __fish_seen_subcommand_from chats send quick token models status stats serve keys local doctor config completions man help settings errors rest openai limits log metrics engine" -f -a "errors" -d 'Exit codes, error codes and partial answers'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and not __fish_seen_subcommand_from chats send quick token models status stats serve keys local doctor config completions man help settings errors rest openai limits log metrics engine" -f -a "rest" -d 'REST API of `serve`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and not __fish_seen_subcommand_from chats send quick token models status stats serve keys local doctor config completions man help settings errors rest openai limits log metrics engine" -f -a "openai" -d 'OpenAI and Anthropic APIs of `serve`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and not __fish_seen_subcommand_from chats send quick token models status stats serve keys local doctor config completions man help settings errors rest openai limits log metrics engine" -f -a "limits" -d 'API keys, rate limits, timeouts and caches of `serve`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and not __fish_seen_subcommand_from chats send quick token models status stats serve keys local doctor config completions man help settings errors rest openai limits log metrics engine" -f -a "log" -d 'Log format and log fields of `serve`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and not __fish_seen_subcommand_from chats send quick token models status stats serve keys local doctor config completions man help settings errors rest openai limits log metrics engine" -f -a "metrics" -d 'Prometheus metrics of `serve`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and not __fish_seen_subcommand_from chats send quick token models status stats serve keys local doctor config completions man help settings errors rest openai limits log metrics engine" -f -a "engine" -d 'Models on your own machine, and Qwen\'s paid API'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and __fish_seen_subcommand_from chats" -f -a "list" -d 'List your chats, newest first'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and __fish_seen_subcommand_from chats" -f -a "show" -d 'Show the messages of a chat'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and __fish_seen_subcommand_from chats" -f -a "delete" -d 'Delete chats'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and __fish_seen_subcommand_from chats" -f -a "new" -d 'Create an empty chat and print its id'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and __fish_seen_subcommand_from chats" -f -a "rename" -d 'Rename a chat'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and __fish_seen_subcommand_from token" -f -a "set" -d 'Store an access token (hidden prompt or standard input)'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and __fish_seen_subcommand_from token" -f -a "info" -d 'Show the token\'s origin and expiry (exit code 4 if expired)'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and __fish_seen_subcommand_from token" -f -a "refresh" -d 'Refresh the access token and store it'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and __fish_seen_subcommand_from keys" -f -a "create" -d 'Create an API key and print it once'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and __fish_seen_subcommand_from keys" -f -a "list" -d 'List the API keys, without the keys themselves'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and __fish_seen_subcommand_from keys" -f -a "revoke" -d 'Revoke an API key and its login sessions immediately'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "path" -d 'Print the paths of config file, credentials and data'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "show" -d 'Print the effective settings'
