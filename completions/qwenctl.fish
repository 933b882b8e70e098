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

complete -c qwenctl -n "__fish_qwenctl_needs_command" -s o -l output -d 'How to print the result' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document a line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_needs_command" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_needs_command" -l engine -d 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_needs_command" -l engine-model -d 'The engine\'s model for every name it does not know, or for one; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_needs_command" -l engine-context -d 'How many tokens the engine\'s model can look at [default: what the engine says]' -r
complete -c qwenctl -n "__fish_qwenctl_needs_command" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_needs_command" -l config -d 'The config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_needs_command" -l api-url -d 'Base of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_needs_command" -l proxy -d 'A proxy for everything: http, https, socks5 or socks5h' -r -f
complete -c qwenctl -n "__fish_qwenctl_needs_command" -l ca-file -d 'Certificates (PEM) to trust besides the system\'s' -r -F
complete -c qwenctl -n "__fish_qwenctl_needs_command" -l connect-timeout -d 'How long to wait for a connection [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_needs_command" -l idle-timeout -d 'How long the upstream may be silent [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_needs_command" -l max-time -d 'How long the whole command may take [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_needs_command" -l chunking -d 'How the local upstream cuts its answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_needs_command" -l fault -d 'A fault that the local upstream makes, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_needs_command" -l json -d 'The same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_needs_command" -s q -l quiet -d 'Only the result and errors: no notes, no progress'
complete -c qwenctl -n "__fish_qwenctl_needs_command" -s v -l verbose -d 'More about what happens, and request ids with errors'
complete -c qwenctl -n "__fish_qwenctl_needs_command" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_needs_command" -l no-input -d 'Never ask anything'
complete -c qwenctl -n "__fish_qwenctl_needs_command" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_needs_command" -l raw -d 'Print Markdown as it is, also on a terminal'
complete -c qwenctl -n "__fish_qwenctl_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_needs_command" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_needs_command" -f -a "chats" -d 'List, show, make, rename and delete chats'
complete -c qwenctl -n "__fish_qwenctl_needs_command" -f -a "send" -d 'Send the next message of a chat and print the answer'
complete -c qwenctl -n "__fish_qwenctl_needs_command" -f -a "quick" -d 'Ask in the most recent chat, or in a new one'
complete -c qwenctl -n "__fish_qwenctl_needs_command" -f -a "token" -d 'Store, check and refresh the access token'
complete -c qwenctl -n "__fish_qwenctl_needs_command" -f -a "models" -d 'List the models and what they can do'
complete -c qwenctl -n "__fish_qwenctl_needs_command" -f -a "status" -d 'Tell whether you are signed in (exit code 4 if not)'
complete -c qwenctl -n "__fish_qwenctl_needs_command" -f -a "stats" -d 'Count your chats, over all pages'
complete -c qwenctl -n "__fish_qwenctl_needs_command" -f -a "serve" -d 'Serve the REST API and the chat page'
complete -c qwenctl -n "__fish_qwenctl_needs_command" -f -a "keys" -d 'Make, list and revoke API keys for `serve`'
complete -c qwenctl -n "__fish_qwenctl_needs_command" -f -a "local" -d 'Run the local upstream alone, for other programs\' tests'
complete -c qwenctl -n "__fish_qwenctl_needs_command" -f -a "doctor" -d 'Look for what is wrong, and say what to do'
complete -c qwenctl -n "__fish_qwenctl_needs_command" -f -a "config" -d 'Show where the settings come from'
complete -c qwenctl -n "__fish_qwenctl_needs_command" -f -a "completions" -d 'Print the completion script for a shell'
complete -c qwenctl -n "__fish_qwenctl_needs_command" -f -a "man" -d 'Print the manual page (roff), or write the pages of all commands'
complete -c qwenctl -n "__fish_qwenctl_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -s o -l output -d 'How to print the result' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document a line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -l engine -d 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -l engine-model -d 'The engine\'s model for every name it does not know, or for one; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -l engine-context -d 'How many tokens the engine\'s model can look at [default: what the engine says]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -l config -d 'The config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -l api-url -d 'Base of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -l proxy -d 'A proxy for everything: http, https, socks5 or socks5h' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -l ca-file -d 'Certificates (PEM) to trust besides the system\'s' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -l connect-timeout -d 'How long to wait for a connection [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -l idle-timeout -d 'How long the upstream may be silent [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -l max-time -d 'How long the whole command may take [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -l chunking -d 'How the local upstream cuts its answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -l fault -d 'A fault that the local upstream makes, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -l json -d 'The same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -s q -l quiet -d 'Only the result and errors: no notes, no progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -s v -l verbose -d 'More about what happens, and request ids with errors'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -l no-input -d 'Never ask anything'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -l raw -d 'Print Markdown as it is, also on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -f -a "list" -d 'List your chats, newest first'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -f -a "show" -d 'Show the messages of a chat'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -f -a "delete" -d 'Delete chats'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -f -a "new" -d 'Make an empty chat and print its id'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -f -a "rename" -d 'Give a chat another title'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and not __fish_seen_subcommand_from list show delete new rename help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -l page -d 'The page, from 1; a page has up to 60 chats' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -l limit -d 'At most so many chats' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -l since -d 'Only chats that changed since then: `2026-09-01`, `2026-09-01T08:00:00Z`, or how long ago (`3d`, `12h`)' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -s o -l output -d 'How to print the result' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document a line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -l engine -d 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -l engine-model -d 'The engine\'s model for every name it does not know, or for one; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -l engine-context -d 'How many tokens the engine\'s model can look at [default: what the engine says]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -l config -d 'The config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -l api-url -d 'Base of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -l proxy -d 'A proxy for everything: http, https, socks5 or socks5h' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -l ca-file -d 'Certificates (PEM) to trust besides the system\'s' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -l connect-timeout -d 'How long to wait for a connection [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -l idle-timeout -d 'How long the upstream may be silent [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -l max-time -d 'How long the whole command may take [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -l chunking -d 'How the local upstream cuts its answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -l fault -d 'A fault that the local upstream makes, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -l all -d 'All pages'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -l json -d 'The same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Only the result and errors: no notes, no progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -s v -l verbose -d 'More about what happens, and request ids with errors'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask anything'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -l raw -d 'Print Markdown as it is, also on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from list" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -s o -l output -d 'How to print the result' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document a line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -l engine -d 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -l engine-model -d 'The engine\'s model for every name it does not know, or for one; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -l engine-context -d 'How many tokens the engine\'s model can look at [default: what the engine says]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -l config -d 'The config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -l api-url -d 'Base of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -l proxy -d 'A proxy for everything: http, https, socks5 or socks5h' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -l ca-file -d 'Certificates (PEM) to trust besides the system\'s' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -l connect-timeout -d 'How long to wait for a connection [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -l idle-timeout -d 'How long the upstream may be silent [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -l max-time -d 'How long the whole command may take [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -l chunking -d 'How the local upstream cuts its answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -l fault -d 'A fault that the local upstream makes, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -l tree -d 'All branches, indented, not only the one that is shown'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -l json -d 'The same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Only the result and errors: no notes, no progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -s v -l verbose -d 'More about what happens, and request ids with errors'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask anything'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -l raw -d 'Print Markdown as it is, also on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from show" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -s o -l output -d 'How to print the result' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document a line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -l engine -d 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -l engine-model -d 'The engine\'s model for every name it does not know, or for one; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -l engine-context -d 'How many tokens the engine\'s model can look at [default: what the engine says]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -l config -d 'The config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -l api-url -d 'Base of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -l proxy -d 'A proxy for everything: http, https, socks5 or socks5h' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -l ca-file -d 'Certificates (PEM) to trust besides the system\'s' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -l connect-timeout -d 'How long to wait for a connection [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -l idle-timeout -d 'How long the upstream may be silent [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -l max-time -d 'How long the whole command may take [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -l chunking -d 'How the local upstream cuts its answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -l fault -d 'A fault that the local upstream makes, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -s y -l yes -d 'Do not ask'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -l dry-run -d 'Only list what would be deleted'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -l json -d 'The same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -s q -l quiet -d 'Only the result and errors: no notes, no progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -s v -l verbose -d 'More about what happens, and request ids with errors'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -l no-input -d 'Never ask anything'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -l raw -d 'Print Markdown as it is, also on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from delete" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -l title -d 'Its title' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -s m -l model -d 'The model that it is made for' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -s o -l output -d 'How to print the result' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document a line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -l engine -d 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -l engine-model -d 'The engine\'s model for every name it does not know, or for one; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -l engine-context -d 'How many tokens the engine\'s model can look at [default: what the engine says]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -l config -d 'The config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -l api-url -d 'Base of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -l proxy -d 'A proxy for everything: http, https, socks5 or socks5h' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -l ca-file -d 'Certificates (PEM) to trust besides the system\'s' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -l connect-timeout -d 'How long to wait for a connection [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -l idle-timeout -d 'How long the upstream may be silent [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -l max-time -d 'How long the whole command may take [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -l chunking -d 'How the local upstream cuts its answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -l fault -d 'A fault that the local upstream makes, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -l json -d 'The same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -s q -l quiet -d 'Only the result and errors: no notes, no progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -s v -l verbose -d 'More about what happens, and request ids with errors'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -l no-input -d 'Never ask anything'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -l raw -d 'Print Markdown as it is, also on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from new" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -s o -l output -d 'How to print the result' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document a line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -l engine -d 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -l engine-model -d 'The engine\'s model for every name it does not know, or for one; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -l engine-context -d 'How many tokens the engine\'s model can look at [default: what the engine says]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -l config -d 'The config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -l api-url -d 'Base of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -l proxy -d 'A proxy for everything: http, https, socks5 or socks5h' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -l ca-file -d 'Certificates (PEM) to trust besides the system\'s' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -l connect-timeout -d 'How long to wait for a connection [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -l idle-timeout -d 'How long the upstream may be silent [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -l max-time -d 'How long the whole command may take [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -l chunking -d 'How the local upstream cuts its answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -l fault -d 'A fault that the local upstream makes, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -l json -d 'The same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -s q -l quiet -d 'Only the result and errors: no notes, no progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -s v -l verbose -d 'More about what happens, and request ids with errors'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -l no-input -d 'Never ask anything'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -l raw -d 'Print Markdown as it is, also on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from rename" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from help" -f -a "list" -d 'List your chats, newest first'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show the messages of a chat'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from help" -f -a "delete" -d 'Delete chats'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from help" -f -a "new" -d 'Make an empty chat and print its id'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from help" -f -a "rename" -d 'Give a chat another title'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand chats; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -s m -l model -d 'The model to ask (`qwenctl models` lists them)' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l system -d 'Instructions to put in front of the message' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l parent -d 'Answer this message instead of the current one, which starts a branch' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -s o -l output -d 'How to print the result' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document a line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l engine -d 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l engine-model -d 'The engine\'s model for every name it does not know, or for one; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l engine-context -d 'How many tokens the engine\'s model can look at [default: what the engine says]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l config -d 'The config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l api-url -d 'Base of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l proxy -d 'A proxy for everything: http, https, socks5 or socks5h' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l ca-file -d 'Certificates (PEM) to trust besides the system\'s' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l connect-timeout -d 'How long to wait for a connection [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l idle-timeout -d 'How long the upstream may be silent [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l max-time -d 'How long the whole command may take [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l chunking -d 'How the local upstream cuts its answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l fault -d 'A fault that the local upstream makes, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l think -d 'Let the model think first'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l search -d 'Let the model search the web'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l no-stream -d 'Print the answer when it is whole'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l json -d 'The same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -s q -l quiet -d 'Only the result and errors: no notes, no progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -s v -l verbose -d 'More about what happens, and request ids with errors'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l no-input -d 'Never ask anything'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -l raw -d 'Print Markdown as it is, also on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand send" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -s m -l model -d 'The model to ask (`qwenctl models` lists them)' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l system -d 'Instructions to put in front of the message' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l parent -d 'Answer this message of the most recent chat instead of the current one' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -s o -l output -d 'How to print the result' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document a line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l engine -d 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l engine-model -d 'The engine\'s model for every name it does not know, or for one; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l engine-context -d 'How many tokens the engine\'s model can look at [default: what the engine says]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l config -d 'The config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l api-url -d 'Base of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l proxy -d 'A proxy for everything: http, https, socks5 or socks5h' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l ca-file -d 'Certificates (PEM) to trust besides the system\'s' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l connect-timeout -d 'How long to wait for a connection [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l idle-timeout -d 'How long the upstream may be silent [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l max-time -d 'How long the whole command may take [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l chunking -d 'How the local upstream cuts its answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l fault -d 'A fault that the local upstream makes, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l think -d 'Let the model think first'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l search -d 'Let the model search the web'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l no-stream -d 'Print the answer when it is whole'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l new -d 'Ask in a new chat'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l ephemeral -d 'Ask in a new chat and delete it afterwards, whatever happens'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l json -d 'The same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -s q -l quiet -d 'Only the result and errors: no notes, no progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -s v -l verbose -d 'More about what happens, and request ids with errors'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l no-input -d 'Never ask anything'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -l raw -d 'Print Markdown as it is, also on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand quick" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -s o -l output -d 'How to print the result' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document a line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -l engine -d 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -l engine-model -d 'The engine\'s model for every name it does not know, or for one; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -l engine-context -d 'How many tokens the engine\'s model can look at [default: what the engine says]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -l config -d 'The config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -l api-url -d 'Base of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -l proxy -d 'A proxy for everything: http, https, socks5 or socks5h' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -l ca-file -d 'Certificates (PEM) to trust besides the system\'s' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -l connect-timeout -d 'How long to wait for a connection [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -l idle-timeout -d 'How long the upstream may be silent [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -l max-time -d 'How long the whole command may take [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -l chunking -d 'How the local upstream cuts its answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -l fault -d 'A fault that the local upstream makes, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -l json -d 'The same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -s q -l quiet -d 'Only the result and errors: no notes, no progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -s v -l verbose -d 'More about what happens, and request ids with errors'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -l no-input -d 'Never ask anything'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -l raw -d 'Print Markdown as it is, also on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -f -a "set" -d 'Store an access token (hidden prompt, or standard input)'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -f -a "info" -d 'Show where the token comes from and when it expires (exit code 4 if it has)'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -f -a "refresh" -d 'Get a new token and store it'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and not __fish_seen_subcommand_from set info refresh help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -s o -l output -d 'How to print the result' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document a line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -l engine -d 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -l engine-model -d 'The engine\'s model for every name it does not know, or for one; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -l engine-context -d 'How many tokens the engine\'s model can look at [default: what the engine says]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -l config -d 'The config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -l api-url -d 'Base of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -l proxy -d 'A proxy for everything: http, https, socks5 or socks5h' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -l ca-file -d 'Certificates (PEM) to trust besides the system\'s' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -l connect-timeout -d 'How long to wait for a connection [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -l idle-timeout -d 'How long the upstream may be silent [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -l max-time -d 'How long the whole command may take [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -l chunking -d 'How the local upstream cuts its answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -l fault -d 'A fault that the local upstream makes, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -l with-refresh -d 'Ask for the refresh token too (the second line of standard input)'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -l json -d 'The same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -s q -l quiet -d 'Only the result and errors: no notes, no progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -s v -l verbose -d 'More about what happens, and request ids with errors'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -l no-input -d 'Never ask anything'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -l raw -d 'Print Markdown as it is, also on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from set" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -s o -l output -d 'How to print the result' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document a line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -l engine -d 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -l engine-model -d 'The engine\'s model for every name it does not know, or for one; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -l engine-context -d 'How many tokens the engine\'s model can look at [default: what the engine says]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -l config -d 'The config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -l api-url -d 'Base of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -l proxy -d 'A proxy for everything: http, https, socks5 or socks5h' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -l ca-file -d 'Certificates (PEM) to trust besides the system\'s' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -l connect-timeout -d 'How long to wait for a connection [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -l idle-timeout -d 'How long the upstream may be silent [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -l max-time -d 'How long the whole command may take [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -l chunking -d 'How the local upstream cuts its answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -l fault -d 'A fault that the local upstream makes, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -l check -d 'Ask the upstream whether it accepts the token'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -l json -d 'The same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -s q -l quiet -d 'Only the result and errors: no notes, no progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -s v -l verbose -d 'More about what happens, and request ids with errors'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -l no-input -d 'Never ask anything'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -l raw -d 'Print Markdown as it is, also on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from info" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -s o -l output -d 'How to print the result' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document a line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -l engine -d 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -l engine-model -d 'The engine\'s model for every name it does not know, or for one; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -l engine-context -d 'How many tokens the engine\'s model can look at [default: what the engine says]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -l config -d 'The config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -l api-url -d 'Base of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -l proxy -d 'A proxy for everything: http, https, socks5 or socks5h' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -l ca-file -d 'Certificates (PEM) to trust besides the system\'s' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -l connect-timeout -d 'How long to wait for a connection [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -l idle-timeout -d 'How long the upstream may be silent [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -l max-time -d 'How long the whole command may take [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -l chunking -d 'How the local upstream cuts its answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -l fault -d 'A fault that the local upstream makes, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -l json -d 'The same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -s q -l quiet -d 'Only the result and errors: no notes, no progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -s v -l verbose -d 'More about what happens, and request ids with errors'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -l no-input -d 'Never ask anything'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -l raw -d 'Print Markdown as it is, also on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from refresh" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from help" -f -a "set" -d 'Store an access token (hidden prompt, or standard input)'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from help" -f -a "info" -d 'Show where the token comes from and when it expires (exit code 4 if it has)'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from help" -f -a "refresh" -d 'Get a new token and store it'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand token; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -s o -l output -d 'How to print the result' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document a line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -l engine -d 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -l engine-model -d 'The engine\'s model for every name it does not know, or for one; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -l engine-context -d 'How many tokens the engine\'s model can look at [default: what the engine says]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -l config -d 'The config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -l api-url -d 'Base of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -l proxy -d 'A proxy for everything: http, https, socks5 or socks5h' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -l ca-file -d 'Certificates (PEM) to trust besides the system\'s' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -l connect-timeout -d 'How long to wait for a connection [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -l idle-timeout -d 'How long the upstream may be silent [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -l max-time -d 'How long the whole command may take [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -l chunking -d 'How the local upstream cuts its answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -l fault -d 'A fault that the local upstream makes, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -l json -d 'The same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -s q -l quiet -d 'Only the result and errors: no notes, no progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -s v -l verbose -d 'More about what happens, and request ids with errors'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -l no-input -d 'Never ask anything'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -l raw -d 'Print Markdown as it is, also on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand models" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -s o -l output -d 'How to print the result' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document a line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -l engine -d 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -l engine-model -d 'The engine\'s model for every name it does not know, or for one; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -l engine-context -d 'How many tokens the engine\'s model can look at [default: what the engine says]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -l config -d 'The config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -l api-url -d 'Base of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -l proxy -d 'A proxy for everything: http, https, socks5 or socks5h' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -l ca-file -d 'Certificates (PEM) to trust besides the system\'s' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -l connect-timeout -d 'How long to wait for a connection [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -l idle-timeout -d 'How long the upstream may be silent [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -l max-time -d 'How long the whole command may take [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -l chunking -d 'How the local upstream cuts its answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -l fault -d 'A fault that the local upstream makes, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -l json -d 'The same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -s q -l quiet -d 'Only the result and errors: no notes, no progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -s v -l verbose -d 'More about what happens, and request ids with errors'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -l no-input -d 'Never ask anything'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -l raw -d 'Print Markdown as it is, also on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand status" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -s o -l output -d 'How to print the result' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document a line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -l engine -d 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -l engine-model -d 'The engine\'s model for every name it does not know, or for one; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -l engine-context -d 'How many tokens the engine\'s model can look at [default: what the engine says]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -l config -d 'The config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -l api-url -d 'Base of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -l proxy -d 'A proxy for everything: http, https, socks5 or socks5h' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -l ca-file -d 'Certificates (PEM) to trust besides the system\'s' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -l connect-timeout -d 'How long to wait for a connection [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -l idle-timeout -d 'How long the upstream may be silent [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -l max-time -d 'How long the whole command may take [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -l chunking -d 'How the local upstream cuts its answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -l fault -d 'A fault that the local upstream makes, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -l json -d 'The same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -s q -l quiet -d 'Only the result and errors: no notes, no progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -s v -l verbose -d 'More about what happens, and request ids with errors'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -l no-input -d 'Never ask anything'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -l raw -d 'Print Markdown as it is, also on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand stats" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l host -d 'The address to listen at; anything but a loopback address opens the server to the network' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l port -d 'The port; 0 takes a free one' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l allow-host -d 'Another name of this server that may stand in `Host`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -s m -l model -d 'The model for prompts that do not name one' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l drain -d 'How long running requests may go on after the first Ctrl-C or SIGTERM' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l chat-wait -d 'How long a prompt waits for earlier ones of the same chat' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l model-alias -d 'What `/v1` callers may say instead of a model\'s name; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l max-body -d 'The longest request body, in bytes' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l cache-lists -d 'Keep lists of chats, chats and statistics for this long' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l cache-answers -d 'Answer equal questions to `quick` with the same answer for this long; no chat gets it twice' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l cache-size -d 'What all caches may take together, in bytes; 0 keeps nothing' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l log-format -d 'How the lines of the log look' -r -f -a "text\t'For people'
json\t'A JSON object a line'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l log-file -d 'Write the log to this file instead of standard error' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l log-max-size -d 'Begin a new log file when the old one has this many bytes; 0 never does' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l log-keep -d 'How many old log files to keep' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l session-time -d 'How long a session lasts that was begun with `POST /api/login`' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l rate-limit -d 'How often a caller may ask, such as "100 per day"; per key, else account, else address; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l rate-limit-send -d 'How often a caller may send a prompt, such as "20 per minute"; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l trust-proxy -d 'Believe the proxy at this address or network when it says for whom it asks (`X-Forwarded-For`, `Forwarded`); without a value those on this machine; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l max-inflight -d 'How many requests are worked on at a time; more wait' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l max-queue -d 'How many requests may wait for `--max-inflight`; more are refused with 503' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l tls-cert -d 'The server\'s certificate with those up to its authority (PEM): the server speaks HTTPS' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l tls-key -d 'The private key of the certificate (PEM)' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l max-connections -d 'Connections at a time; one address of another machine gets a quarter of them' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l client-timeout -d 'For a TLS handshake, for the head of a request, and between two pieces of its body; also how long an idle connection is kept' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l body-timeout -d 'For the whole body of a request' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l reader-timeout -d 'How long a reader may take no byte of an answer before the model is stopped' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l print-unit -d 'Print how to run this server as a service, and end' -r -f -a "systemd\t'A service of systemd'
socket\t'The socket that systemd opens for that service'
container\t'A Containerfile, and a compose file for it'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -s o -l output -d 'How to print the result' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document a line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l engine -d 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l engine-model -d 'The engine\'s model for every name it does not know, or for one; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l engine-context -d 'How many tokens the engine\'s model can look at [default: what the engine says]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l config -d 'The config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l api-url -d 'Base of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l proxy -d 'A proxy for everything: http, https, socks5 or socks5h' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l ca-file -d 'Certificates (PEM) to trust besides the system\'s' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l connect-timeout -d 'How long to wait for a connection [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l idle-timeout -d 'How long the upstream may be silent [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l max-time -d 'How long the whole command may take [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l chunking -d 'How the local upstream cuts its answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l fault -d 'A fault that the local upstream makes, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l no-server-token -d 'Never use a token of the server\'s own: every caller brings one'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l any-model -d 'Let any other name of a model in `/v1` stand for the default one'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l strict -d 'Refuse `/v1` requests with parameters that cannot be honoured'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l log-bodies -d 'Write prompts and answers into the log'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l require-key -d 'Ask every caller for an API key (`qwenctl keys create`), also those on this machine'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l json -d 'The same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -s q -l quiet -d 'Only the result and errors: no notes, no progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -s v -l verbose -d 'More about what happens, and request ids with errors'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l no-input -d 'Never ask anything'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -l raw -d 'Print Markdown as it is, also on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand serve" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -s o -l output -d 'How to print the result' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document a line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -l engine -d 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -l engine-model -d 'The engine\'s model for every name it does not know, or for one; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -l engine-context -d 'How many tokens the engine\'s model can look at [default: what the engine says]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -l config -d 'The config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -l api-url -d 'Base of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -l proxy -d 'A proxy for everything: http, https, socks5 or socks5h' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -l ca-file -d 'Certificates (PEM) to trust besides the system\'s' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -l connect-timeout -d 'How long to wait for a connection [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -l idle-timeout -d 'How long the upstream may be silent [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -l max-time -d 'How long the whole command may take [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -l chunking -d 'How the local upstream cuts its answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -l fault -d 'A fault that the local upstream makes, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -l json -d 'The same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -s q -l quiet -d 'Only the result and errors: no notes, no progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -s v -l verbose -d 'More about what happens, and request ids with errors'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -l no-input -d 'Never ask anything'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -l raw -d 'Print Markdown as it is, also on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -f -a "create" -d 'Make an API key and show it, once'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -f -a "list" -d 'List the API keys, without the keys themselves'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -f -a "revoke" -d 'Revoke an API key, and the sessions that were begun with it, at once'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and not __fish_seen_subcommand_from create list revoke help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -l expires -d 'When it ends: `90d`, `12h`, `2027-01-01` or `2027-01-01T08:00:00Z`; never without it' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -l limit -d 'How often it may be used, instead of the server\'s `--rate-limit`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -l scope -d 'What it allows: `read` to look, `send` to prompt as well, `admin` to delete as well' -r -f -a "read\t''
send\t''
admin\t''"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -s o -l output -d 'How to print the result' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document a line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -l engine -d 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -l engine-model -d 'The engine\'s model for every name it does not know, or for one; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -l engine-context -d 'How many tokens the engine\'s model can look at [default: what the engine says]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -l config -d 'The config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -l api-url -d 'Base of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -l proxy -d 'A proxy for everything: http, https, socks5 or socks5h' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -l ca-file -d 'Certificates (PEM) to trust besides the system\'s' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -l connect-timeout -d 'How long to wait for a connection [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -l idle-timeout -d 'How long the upstream may be silent [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -l max-time -d 'How long the whole command may take [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -l chunking -d 'How the local upstream cuts its answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -l fault -d 'A fault that the local upstream makes, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -l json -d 'The same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -s q -l quiet -d 'Only the result and errors: no notes, no progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -s v -l verbose -d 'More about what happens, and request ids with errors'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -l no-input -d 'Never ask anything'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -l raw -d 'Print Markdown as it is, also on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from create" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -s o -l output -d 'How to print the result' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document a line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l engine -d 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l engine-model -d 'The engine\'s model for every name it does not know, or for one; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l engine-context -d 'How many tokens the engine\'s model can look at [default: what the engine says]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l config -d 'The config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l api-url -d 'Base of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l proxy -d 'A proxy for everything: http, https, socks5 or socks5h' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l ca-file -d 'Certificates (PEM) to trust besides the system\'s' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l connect-timeout -d 'How long to wait for a connection [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l idle-timeout -d 'How long the upstream may be silent [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l max-time -d 'How long the whole command may take [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l chunking -d 'How the local upstream cuts its answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l fault -d 'A fault that the local upstream makes, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l json -d 'The same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Only the result and errors: no notes, no progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -s v -l verbose -d 'More about what happens, and request ids with errors'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l no-input -d 'Never ask anything'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -l raw -d 'Print Markdown as it is, also on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from list" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -s o -l output -d 'How to print the result' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document a line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -l engine -d 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -l engine-model -d 'The engine\'s model for every name it does not know, or for one; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -l engine-context -d 'How many tokens the engine\'s model can look at [default: what the engine says]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -l config -d 'The config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -l api-url -d 'Base of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -l proxy -d 'A proxy for everything: http, https, socks5 or socks5h' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -l ca-file -d 'Certificates (PEM) to trust besides the system\'s' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -l connect-timeout -d 'How long to wait for a connection [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -l idle-timeout -d 'How long the upstream may be silent [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -l max-time -d 'How long the whole command may take [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -l chunking -d 'How the local upstream cuts its answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -l fault -d 'A fault that the local upstream makes, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -l json -d 'The same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -s q -l quiet -d 'Only the result and errors: no notes, no progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -s v -l verbose -d 'More about what happens, and request ids with errors'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -l no-input -d 'Never ask anything'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -l raw -d 'Print Markdown as it is, also on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from revoke" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from help" -f -a "create" -d 'Make an API key and show it, once'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the API keys, without the keys themselves'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from help" -f -a "revoke" -d 'Revoke an API key, and the sessions that were begun with it, at once'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand keys; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l port -d 'The port on 127.0.0.1; 0 takes a free one' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l write-token -d 'Write the access token to this file (mode 0600)' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l database -d 'The database; a temporary one without it' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l seed -d 'What random chunking and made-up ids start from' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -s o -l output -d 'How to print the result' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document a line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l engine -d 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l engine-model -d 'The engine\'s model for every name it does not know, or for one; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l engine-context -d 'How many tokens the engine\'s model can look at [default: what the engine says]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l config -d 'The config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l api-url -d 'Base of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l proxy -d 'A proxy for everything: http, https, socks5 or socks5h' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l ca-file -d 'Certificates (PEM) to trust besides the system\'s' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l connect-timeout -d 'How long to wait for a connection [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l idle-timeout -d 'How long the upstream may be silent [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l max-time -d 'How long the whole command may take [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l chunking -d 'How the local upstream cuts its answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l fault -d 'A fault that the local upstream makes, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l print-token -d 'Print the access token on standard output'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l no-pace -d 'Answer at once, without the pauses of a model'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l json -d 'The same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -s q -l quiet -d 'Only the result and errors: no notes, no progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -s v -l verbose -d 'More about what happens, and request ids with errors'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l no-input -d 'Never ask anything'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -l raw -d 'Print Markdown as it is, also on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand local" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -s o -l output -d 'How to print the result' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document a line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -l engine -d 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -l engine-model -d 'The engine\'s model for every name it does not know, or for one; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -l engine-context -d 'How many tokens the engine\'s model can look at [default: what the engine says]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -l config -d 'The config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -l api-url -d 'Base of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -l proxy -d 'A proxy for everything: http, https, socks5 or socks5h' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -l ca-file -d 'Certificates (PEM) to trust besides the system\'s' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -l connect-timeout -d 'How long to wait for a connection [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -l idle-timeout -d 'How long the upstream may be silent [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -l max-time -d 'How long the whole command may take [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -l chunking -d 'How the local upstream cuts its answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -l fault -d 'A fault that the local upstream makes, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -l json -d 'The same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -s q -l quiet -d 'Only the result and errors: no notes, no progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -s v -l verbose -d 'More about what happens, and request ids with errors'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -l no-input -d 'Never ask anything'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -l raw -d 'Print Markdown as it is, also on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand doctor" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -s o -l output -d 'How to print the result' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document a line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -l engine -d 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -l engine-model -d 'The engine\'s model for every name it does not know, or for one; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -l engine-context -d 'How many tokens the engine\'s model can look at [default: what the engine says]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -l config -d 'The config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -l api-url -d 'Base of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -l proxy -d 'A proxy for everything: http, https, socks5 or socks5h' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -l ca-file -d 'Certificates (PEM) to trust besides the system\'s' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -l connect-timeout -d 'How long to wait for a connection [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -l idle-timeout -d 'How long the upstream may be silent [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -l max-time -d 'How long the whole command may take [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -l chunking -d 'How the local upstream cuts its answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -l fault -d 'A fault that the local upstream makes, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -l json -d 'The same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -s q -l quiet -d 'Only the result and errors: no notes, no progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -s v -l verbose -d 'More about what happens, and request ids with errors'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -l no-input -d 'Never ask anything'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -l raw -d 'Print Markdown as it is, also on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -f -a "path" -d 'Print where the config file, the credentials and the data lie'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -f -a "show" -d 'Print every setting that counts'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and not __fish_seen_subcommand_from path show help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -s o -l output -d 'How to print the result' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document a line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -l engine -d 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -l engine-model -d 'The engine\'s model for every name it does not know, or for one; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -l engine-context -d 'How many tokens the engine\'s model can look at [default: what the engine says]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -l config -d 'The config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -l api-url -d 'Base of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -l proxy -d 'A proxy for everything: http, https, socks5 or socks5h' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -l ca-file -d 'Certificates (PEM) to trust besides the system\'s' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -l connect-timeout -d 'How long to wait for a connection [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -l idle-timeout -d 'How long the upstream may be silent [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -l max-time -d 'How long the whole command may take [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -l chunking -d 'How the local upstream cuts its answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -l fault -d 'A fault that the local upstream makes, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -l json -d 'The same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -s q -l quiet -d 'Only the result and errors: no notes, no progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -s v -l verbose -d 'More about what happens, and request ids with errors'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -l no-input -d 'Never ask anything'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -l raw -d 'Print Markdown as it is, also on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from path" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -s o -l output -d 'How to print the result' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document a line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -l engine -d 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -l engine-model -d 'The engine\'s model for every name it does not know, or for one; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -l engine-context -d 'How many tokens the engine\'s model can look at [default: what the engine says]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -l config -d 'The config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -l api-url -d 'Base of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -l proxy -d 'A proxy for everything: http, https, socks5 or socks5h' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -l ca-file -d 'Certificates (PEM) to trust besides the system\'s' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -l connect-timeout -d 'How long to wait for a connection [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -l idle-timeout -d 'How long the upstream may be silent [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -l max-time -d 'How long the whole command may take [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -l chunking -d 'How the local upstream cuts its answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -l fault -d 'A fault that the local upstream makes, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -l origin -d 'Say of each setting where its value comes from'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -l json -d 'The same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Only the result and errors: no notes, no progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -s v -l verbose -d 'More about what happens, and request ids with errors'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask anything'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -l raw -d 'Print Markdown as it is, also on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from show" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "path" -d 'Print where the config file, the credentials and the data lie'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "show" -d 'Print every setting that counts'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -s o -l output -d 'How to print the result' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document a line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -l engine -d 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -l engine-model -d 'The engine\'s model for every name it does not know, or for one; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -l engine-context -d 'How many tokens the engine\'s model can look at [default: what the engine says]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -l config -d 'The config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -l api-url -d 'Base of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -l proxy -d 'A proxy for everything: http, https, socks5 or socks5h' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -l ca-file -d 'Certificates (PEM) to trust besides the system\'s' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -l connect-timeout -d 'How long to wait for a connection [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -l idle-timeout -d 'How long the upstream may be silent [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -l max-time -d 'How long the whole command may take [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -l chunking -d 'How the local upstream cuts its answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -l fault -d 'A fault that the local upstream makes, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -l json -d 'The same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -s q -l quiet -d 'Only the result and errors: no notes, no progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -s v -l verbose -d 'More about what happens, and request ids with errors'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -l no-input -d 'Never ask anything'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -l raw -d 'Print Markdown as it is, also on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand completions" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -l all -d 'Write one page for each command into this directory' -r -f -a "(__fish_complete_directories)"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -s o -l output -d 'How to print the result' -r -f -a "pretty\t'For people; plain text or tab-separated columns in a pipe'
json\t'One JSON document'
ndjson\t'One JSON document a line: the events of `send` and `quick` as they come'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` or `TERM=dumb` say otherwise'
always\t'Also in pipes'
never\t'Not at all'"
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -l engine -d 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -l engine-model -d 'The engine\'s model for every name it does not know, or for one; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -l engine-context -d 'How many tokens the engine\'s model can look at [default: what the engine says]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -l token-file -d 'Read the access token from this file; `-` is standard input' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -l config -d 'The config file' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -l api-url -d 'Base of the API' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -l proxy -d 'A proxy for everything: http, https, socks5 or socks5h' -r -f
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -l ca-file -d 'Certificates (PEM) to trust besides the system\'s' -r -F
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -l connect-timeout -d 'How long to wait for a connection [default: 10s]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -l idle-timeout -d 'How long the upstream may be silent [default: 3m]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -l max-time -d 'How long the whole command may take [default: off]' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -l chunking -d 'How the local upstream cuts its answers: event, byte, random, utf8, many' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -l fault -d 'A fault that the local upstream makes, such as `F66`; repeatable' -r
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -l json -d 'The same as `-o json`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -s q -l quiet -d 'Only the result and errors: no notes, no progress'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -s v -l verbose -d 'More about what happens, and request ids with errors'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -l local -d 'Use the built-in local upstream: no account, no network'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -l no-input -d 'Never ask anything'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -l no-stdin -d 'Do not read standard input'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -l raw -d 'Print Markdown as it is, also on a terminal'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand man" -s V -l version -d 'Print version'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and not __fish_seen_subcommand_from chats send quick token models status stats serve keys local doctor config completions man help settings errors rest openai limits log metrics engine" -f -a "chats" -d 'List, show, make, rename and delete chats'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and not __fish_seen_subcommand_from chats send quick token models status stats serve keys local doctor config completions man help settings errors rest openai limits log metrics engine" -f -a "send" -d 'Send the next message of a chat and print the answer'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and not __fish_seen_subcommand_from chats send quick token models status stats serve keys local doctor config completions man help settings errors rest openai limits log metrics engine" -f -a "quick" -d 'Ask in the most recent chat, or in a new one'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and not __fish_seen_subcommand_from chats send quick token models status stats serve keys local doctor config completions man help settings errors rest openai limits log metrics engine" -f -a "token" -d 'Store, check and refresh the access token'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and not __fish_seen_subcommand_from chats send quick token models status stats serve keys local doctor config completions man help settings errors rest openai limits log metrics engine" -f -a "models" -d 'List the models and what they can do'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and not __fish_seen_subcommand_from chats send quick token models status stats serve keys local doctor config completions man help settings errors rest openai limits log metrics engine" -f -a "status" -d 'Tell whether you are signed in (exit code 4 if not)'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and not __fish_seen_subcommand_from chats send quick token models status stats serve keys local doctor config completions man help settings errors rest openai limits log metrics engine" -f -a "stats" -d 'Count your chats, over all pages'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and not __fish_seen_subcommand_from chats send quick token models status stats serve keys local doctor config completions man help settings errors rest openai limits log metrics engine" -f -a "serve" -d 'Serve the REST API and the chat page'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and not __fish_seen_subcommand_from chats send quick token models status stats serve keys local doctor config completions man help settings errors rest openai limits log metrics engine" -f -a "keys" -d 'Make, list and revoke API keys for `serve`'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and not __fish_seen_subcommand_from chats send quick token models status stats serve keys local doctor config completions man help settings errors rest openai limits log metrics engine" -f -a "local" -d 'Run the local upstream alone, for other programs\' tests'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and not __fish_seen_subcommand_from chats send quick token models status stats serve keys local doctor config completions man help settings errors rest openai limits log metrics engine" -f -a "doctor" -d 'Look for what is wrong, and say what to do'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and not __fish_seen_subcommand_from chats send quick token models status stats serve keys local doctor config completions man help settings errors rest openai limits log metrics engine" -f -a "config" -d 'Show where the settings come from'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and not __fish_seen_subcommand_from chats send quick token models status stats serve keys local doctor config completions man help settings errors rest openai limits log metrics engine" -f -a "completions" -d 'Print the completion script for a shell'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and not __fish_seen_subcommand_from chats send quick token models status stats serve keys local doctor config completions man help settings errors rest openai limits log metrics engine" -f -a "man" -d 'Print the manual page (roff), or write the pages of all commands'
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
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and __fish_seen_subcommand_from chats" -f -a "new" -d 'Make an empty chat and print its id'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and __fish_seen_subcommand_from chats" -f -a "rename" -d 'Give a chat another title'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and __fish_seen_subcommand_from token" -f -a "set" -d 'Store an access token (hidden prompt, or standard input)'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and __fish_seen_subcommand_from token" -f -a "info" -d 'Show where the token comes from and when it expires (exit code 4 if it has)'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and __fish_seen_subcommand_from token" -f -a "refresh" -d 'Get a new token and store it'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and __fish_seen_subcommand_from keys" -f -a "create" -d 'Make an API key and show it, once'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and __fish_seen_subcommand_from keys" -f -a "list" -d 'List the API keys, without the keys themselves'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and __fish_seen_subcommand_from keys" -f -a "revoke" -d 'Revoke an API key, and the sessions that were begun with it, at once'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "path" -d 'Print where the config file, the credentials and the data lie'
complete -c qwenctl -n "__fish_qwenctl_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "show" -d 'Print every setting that counts'
