
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'qwenctl' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'qwenctl'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'qwenctl' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'The engine''s model for every name it does not know, or for one; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'How many tokens the engine''s model can look at [default: what the engine says]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'A proxy for everything: http, https, socks5 or socks5h')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Certificates (PEM) to trust besides the system''s')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'How long the upstream may be silent [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'How long the whole command may take [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream cuts its answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'A fault that the local upstream makes, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'The same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown as it is, also on a terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('chats', 'chats', [CompletionResultType]::ParameterValue, 'List, show, make, rename and delete chats')
            [CompletionResult]::new('send', 'send', [CompletionResultType]::ParameterValue, 'Send the next message of a chat and print the answer')
            [CompletionResult]::new('quick', 'quick', [CompletionResultType]::ParameterValue, 'Ask in the most recent chat, or in a new one')
            [CompletionResult]::new('token', 'token', [CompletionResultType]::ParameterValue, 'Store, check and refresh the access token')
            [CompletionResult]::new('models', 'models', [CompletionResultType]::ParameterValue, 'List the models and what they can do')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Tell whether you are signed in (exit code 4 if not)')
            [CompletionResult]::new('stats', 'stats', [CompletionResultType]::ParameterValue, 'Count your chats, over all pages')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Serve the REST API and the chat page')
            [CompletionResult]::new('keys', 'keys', [CompletionResultType]::ParameterValue, 'Make, list and revoke API keys for `serve`')
            [CompletionResult]::new('local', 'local', [CompletionResultType]::ParameterValue, 'Run the local upstream alone, for other programs'' tests')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Look for what is wrong, and say what to do')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Show where the settings come from')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completion script for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the manual page (roff), or write the pages of all commands')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'qwenctl;chats' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'The engine''s model for every name it does not know, or for one; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'How many tokens the engine''s model can look at [default: what the engine says]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'A proxy for everything: http, https, socks5 or socks5h')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Certificates (PEM) to trust besides the system''s')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'How long the upstream may be silent [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'How long the whole command may take [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream cuts its answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'A fault that the local upstream makes, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'The same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown as it is, also on a terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List your chats, newest first')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show the messages of a chat')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete chats')
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Make an empty chat and print its id')
            [CompletionResult]::new('rename', 'rename', [CompletionResultType]::ParameterValue, 'Give a chat another title')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'qwenctl;chats;list' {
            [CompletionResult]::new('--page', '--page', [CompletionResultType]::ParameterName, 'The page, from 1; a page has up to 60 chats')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'At most so many chats')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Only chats that changed since then: `2026-09-01`, `2026-09-01T08:00:00Z`, or how long ago (`3d`, `12h`)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'The engine''s model for every name it does not know, or for one; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'How many tokens the engine''s model can look at [default: what the engine says]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'A proxy for everything: http, https, socks5 or socks5h')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Certificates (PEM) to trust besides the system''s')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'How long the upstream may be silent [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'How long the whole command may take [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream cuts its answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'A fault that the local upstream makes, such as `F66`; repeatable')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'All pages')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'The same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown as it is, also on a terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;chats;show' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'The engine''s model for every name it does not know, or for one; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'How many tokens the engine''s model can look at [default: what the engine says]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'A proxy for everything: http, https, socks5 or socks5h')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Certificates (PEM) to trust besides the system''s')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'How long the upstream may be silent [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'How long the whole command may take [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream cuts its answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'A fault that the local upstream makes, such as `F66`; repeatable')
            [CompletionResult]::new('--tree', '--tree', [CompletionResultType]::ParameterName, 'All branches, indented, not only the one that is shown')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'The same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown as it is, also on a terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;chats;delete' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'The engine''s model for every name it does not know, or for one; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'How many tokens the engine''s model can look at [default: what the engine says]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'A proxy for everything: http, https, socks5 or socks5h')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Certificates (PEM) to trust besides the system''s')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'How long the upstream may be silent [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'How long the whole command may take [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream cuts its answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'A fault that the local upstream makes, such as `F66`; repeatable')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Only list what would be deleted')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'The same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown as it is, also on a terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;chats;new' {
            [CompletionResult]::new('--title', '--title', [CompletionResultType]::ParameterName, 'Its title')
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'The model that it is made for')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'The model that it is made for')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'The engine''s model for every name it does not know, or for one; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'How many tokens the engine''s model can look at [default: what the engine says]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'A proxy for everything: http, https, socks5 or socks5h')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Certificates (PEM) to trust besides the system''s')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'How long the upstream may be silent [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'How long the whole command may take [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream cuts its answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'A fault that the local upstream makes, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'The same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown as it is, also on a terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;chats;rename' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'The engine''s model for every name it does not know, or for one; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'How many tokens the engine''s model can look at [default: what the engine says]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'A proxy for everything: http, https, socks5 or socks5h')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Certificates (PEM) to trust besides the system''s')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'How long the upstream may be silent [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'How long the whole command may take [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream cuts its answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'A fault that the local upstream makes, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'The same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown as it is, also on a terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;chats;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List your chats, newest first')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show the messages of a chat')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete chats')
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Make an empty chat and print its id')
            [CompletionResult]::new('rename', 'rename', [CompletionResultType]::ParameterValue, 'Give a chat another title')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'qwenctl;chats;help;list' {
            break
        }
        'qwenctl;chats;help;show' {
            break
        }
        'qwenctl;chats;help;delete' {
            break
        }
        'qwenctl;chats;help;new' {
            break
        }
        'qwenctl;chats;help;rename' {
            break
        }
        'qwenctl;chats;help;help' {
            break
        }
        'qwenctl;send' {
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'The model to ask (`qwenctl models` lists them)')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'The model to ask (`qwenctl models` lists them)')
            [CompletionResult]::new('--system', '--system', [CompletionResultType]::ParameterName, 'Instructions to put in front of the message')
            [CompletionResult]::new('--parent', '--parent', [CompletionResultType]::ParameterName, 'Answer this message instead of the current one, which starts a branch')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'The engine''s model for every name it does not know, or for one; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'How many tokens the engine''s model can look at [default: what the engine says]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'A proxy for everything: http, https, socks5 or socks5h')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Certificates (PEM) to trust besides the system''s')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'How long the upstream may be silent [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'How long the whole command may take [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream cuts its answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'A fault that the local upstream makes, such as `F66`; repeatable')
            [CompletionResult]::new('--think', '--think', [CompletionResultType]::ParameterName, 'Let the model think first')
            [CompletionResult]::new('--search', '--search', [CompletionResultType]::ParameterName, 'Let the model search the web')
            [CompletionResult]::new('--no-stream', '--no-stream', [CompletionResultType]::ParameterName, 'Print the answer when it is whole')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'The same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown as it is, also on a terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;quick' {
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'The model to ask (`qwenctl models` lists them)')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'The model to ask (`qwenctl models` lists them)')
            [CompletionResult]::new('--system', '--system', [CompletionResultType]::ParameterName, 'Instructions to put in front of the message')
            [CompletionResult]::new('--parent', '--parent', [CompletionResultType]::ParameterName, 'Answer this message of the most recent chat instead of the current one')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'The engine''s model for every name it does not know, or for one; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'How many tokens the engine''s model can look at [default: what the engine says]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'A proxy for everything: http, https, socks5 or socks5h')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Certificates (PEM) to trust besides the system''s')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'How long the upstream may be silent [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'How long the whole command may take [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream cuts its answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'A fault that the local upstream makes, such as `F66`; repeatable')
            [CompletionResult]::new('--think', '--think', [CompletionResultType]::ParameterName, 'Let the model think first')
            [CompletionResult]::new('--search', '--search', [CompletionResultType]::ParameterName, 'Let the model search the web')
            [CompletionResult]::new('--no-stream', '--no-stream', [CompletionResultType]::ParameterName, 'Print the answer when it is whole')
            [CompletionResult]::new('--new', '--new', [CompletionResultType]::ParameterName, 'Ask in a new chat')
            [CompletionResult]::new('--ephemeral', '--ephemeral', [CompletionResultType]::ParameterName, 'Ask in a new chat and delete it afterwards, whatever happens')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'The same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown as it is, also on a terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;token' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'The engine''s model for every name it does not know, or for one; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'How many tokens the engine''s model can look at [default: what the engine says]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'A proxy for everything: http, https, socks5 or socks5h')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Certificates (PEM) to trust besides the system''s')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'How long the upstream may be silent [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'How long the whole command may take [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream cuts its answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'A fault that the local upstream makes, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'The same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown as it is, also on a terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Store an access token (hidden prompt, or standard input)')
            [CompletionResult]::new('info', 'info', [CompletionResultType]::ParameterValue, 'Show where the token comes from and when it expires (exit code 4 if it has)')
            [CompletionResult]::new('refresh', 'refresh', [CompletionResultType]::ParameterValue, 'Get a new token and store it')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'qwenctl;token;set' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'The engine''s model for every name it does not know, or for one; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'How many tokens the engine''s model can look at [default: what the engine says]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'A proxy for everything: http, https, socks5 or socks5h')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Certificates (PEM) to trust besides the system''s')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'How long the upstream may be silent [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'How long the whole command may take [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream cuts its answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'A fault that the local upstream makes, such as `F66`; repeatable')
            [CompletionResult]::new('--with-refresh', '--with-refresh', [CompletionResultType]::ParameterName, 'Ask for the refresh token too (the second line of standard input)')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'The same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown as it is, also on a terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;token;info' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'The engine''s model for every name it does not know, or for one; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'How many tokens the engine''s model can look at [default: what the engine says]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'A proxy for everything: http, https, socks5 or socks5h')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Certificates (PEM) to trust besides the system''s')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'How long the upstream may be silent [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'How long the whole command may take [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream cuts its answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'A fault that the local upstream makes, such as `F66`; repeatable')
            [CompletionResult]::new('--check', '--check', [CompletionResultType]::ParameterName, 'Ask the upstream whether it accepts the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'The same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown as it is, also on a terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;token;refresh' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'The engine''s model for every name it does not know, or for one; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'How many tokens the engine''s model can look at [default: what the engine says]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'A proxy for everything: http, https, socks5 or socks5h')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Certificates (PEM) to trust besides the system''s')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'How long the upstream may be silent [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'How long the whole command may take [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream cuts its answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'A fault that the local upstream makes, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'The same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown as it is, also on a terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;token;help' {
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Store an access token (hidden prompt, or standard input)')
            [CompletionResult]::new('info', 'info', [CompletionResultType]::ParameterValue, 'Show where the token comes from and when it expires (exit code 4 if it has)')
            [CompletionResult]::new('refresh', 'refresh', [CompletionResultType]::ParameterValue, 'Get a new token and store it')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'qwenctl;token;help;set' {
            break
        }
        'qwenctl;token;help;info' {
            break
        }
        'qwenctl;token;help;refresh' {
            break
        }
        'qwenctl;token;help;help' {
            break
        }
        'qwenctl;models' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'The engine''s model for every name it does not know, or for one; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'How many tokens the engine''s model can look at [default: what the engine says]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'A proxy for everything: http, https, socks5 or socks5h')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Certificates (PEM) to trust besides the system''s')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'How long the upstream may be silent [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'How long the whole command may take [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream cuts its answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'A fault that the local upstream makes, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'The same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown as it is, also on a terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;status' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'The engine''s model for every name it does not know, or for one; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'How many tokens the engine''s model can look at [default: what the engine says]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'A proxy for everything: http, https, socks5 or socks5h')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Certificates (PEM) to trust besides the system''s')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'How long the upstream may be silent [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'How long the whole command may take [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream cuts its answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'A fault that the local upstream makes, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'The same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown as it is, also on a terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;stats' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'The engine''s model for every name it does not know, or for one; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'How many tokens the engine''s model can look at [default: what the engine says]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'A proxy for everything: http, https, socks5 or socks5h')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Certificates (PEM) to trust besides the system''s')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'How long the upstream may be silent [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'How long the whole command may take [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream cuts its answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'A fault that the local upstream makes, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'The same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown as it is, also on a terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;serve' {
            [CompletionResult]::new('--host', '--host', [CompletionResultType]::ParameterName, 'The address to listen at; anything but a loopback address opens the server to the network')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'The port; 0 takes a free one')
            [CompletionResult]::new('--allow-host', '--allow-host', [CompletionResultType]::ParameterName, 'Another name of this server that may stand in `Host`; repeatable')
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'The model for prompts that do not name one')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'The model for prompts that do not name one')
            [CompletionResult]::new('--drain', '--drain', [CompletionResultType]::ParameterName, 'How long running requests may go on after the first Ctrl-C or SIGTERM')
            [CompletionResult]::new('--chat-wait', '--chat-wait', [CompletionResultType]::ParameterName, 'How long a prompt waits for earlier ones of the same chat')
            [CompletionResult]::new('--model-alias', '--model-alias', [CompletionResultType]::ParameterName, 'What `/v1` callers may say instead of a model''s name; repeatable')
            [CompletionResult]::new('--max-body', '--max-body', [CompletionResultType]::ParameterName, 'The longest request body, in bytes')
            [CompletionResult]::new('--cache-lists', '--cache-lists', [CompletionResultType]::ParameterName, 'Keep lists of chats, chats and statistics for this long')
            [CompletionResult]::new('--cache-answers', '--cache-answers', [CompletionResultType]::ParameterName, 'Answer equal questions to `quick` with the same answer for this long; no chat gets it twice')
            [CompletionResult]::new('--cache-size', '--cache-size', [CompletionResultType]::ParameterName, 'What all caches may take together, in bytes; 0 keeps nothing')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'How the lines of the log look')
            [CompletionResult]::new('--log-file', '--log-file', [CompletionResultType]::ParameterName, 'Write the log to this file instead of standard error')
            [CompletionResult]::new('--log-max-size', '--log-max-size', [CompletionResultType]::ParameterName, 'Begin a new log file when the old one has this many bytes; 0 never does')
            [CompletionResult]::new('--log-keep', '--log-keep', [CompletionResultType]::ParameterName, 'How many old log files to keep')
            [CompletionResult]::new('--session-time', '--session-time', [CompletionResultType]::ParameterName, 'How long a session lasts that was begun with `POST /api/login`')
            [CompletionResult]::new('--rate-limit', '--rate-limit', [CompletionResultType]::ParameterName, 'How often a caller may ask, such as "100 per day"; per key, else account, else address; repeatable')
            [CompletionResult]::new('--rate-limit-send', '--rate-limit-send', [CompletionResultType]::ParameterName, 'How often a caller may send a prompt, such as "20 per minute"; repeatable')
            [CompletionResult]::new('--trust-proxy', '--trust-proxy', [CompletionResultType]::ParameterName, 'Believe the proxy at this address or network when it says for whom it asks (`X-Forwarded-For`, `Forwarded`); without a value those on this machine; repeatable')
            [CompletionResult]::new('--max-inflight', '--max-inflight', [CompletionResultType]::ParameterName, 'How many requests are worked on at a time; more wait')
            [CompletionResult]::new('--max-queue', '--max-queue', [CompletionResultType]::ParameterName, 'How many requests may wait for `--max-inflight`; more are refused with 503')
            [CompletionResult]::new('--tls-cert', '--tls-cert', [CompletionResultType]::ParameterName, 'The server''s certificate with those up to its authority (PEM): the server speaks HTTPS')
            [CompletionResult]::new('--tls-key', '--tls-key', [CompletionResultType]::ParameterName, 'The private key of the certificate (PEM)')
            [CompletionResult]::new('--max-connections', '--max-connections', [CompletionResultType]::ParameterName, 'Connections at a time; one address of another machine gets a quarter of them')
            [CompletionResult]::new('--client-timeout', '--client-timeout', [CompletionResultType]::ParameterName, 'For a TLS handshake, for the head of a request, and between two pieces of its body; also how long an idle connection is kept')
            [CompletionResult]::new('--body-timeout', '--body-timeout', [CompletionResultType]::ParameterName, 'For the whole body of a request')
            [CompletionResult]::new('--reader-timeout', '--reader-timeout', [CompletionResultType]::ParameterName, 'How long a reader may take no byte of an answer before the model is stopped')
            [CompletionResult]::new('--print-unit', '--print-unit', [CompletionResultType]::ParameterName, 'Print how to run this server as a service, and end')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'The engine''s model for every name it does not know, or for one; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'How many tokens the engine''s model can look at [default: what the engine says]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'A proxy for everything: http, https, socks5 or socks5h')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Certificates (PEM) to trust besides the system''s')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'How long the upstream may be silent [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'How long the whole command may take [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream cuts its answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'A fault that the local upstream makes, such as `F66`; repeatable')
            [CompletionResult]::new('--no-server-token', '--no-server-token', [CompletionResultType]::ParameterName, 'Never use a token of the server''s own: every caller brings one')
            [CompletionResult]::new('--any-model', '--any-model', [CompletionResultType]::ParameterName, 'Let any other name of a model in `/v1` stand for the default one')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Refuse `/v1` requests with parameters that cannot be honoured')
            [CompletionResult]::new('--log-bodies', '--log-bodies', [CompletionResultType]::ParameterName, 'Write prompts and answers into the log')
            [CompletionResult]::new('--require-key', '--require-key', [CompletionResultType]::ParameterName, 'Ask every caller for an API key (`qwenctl keys create`), also those on this machine')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'The same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown as it is, also on a terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;keys' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'The engine''s model for every name it does not know, or for one; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'How many tokens the engine''s model can look at [default: what the engine says]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'A proxy for everything: http, https, socks5 or socks5h')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Certificates (PEM) to trust besides the system''s')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'How long the upstream may be silent [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'How long the whole command may take [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream cuts its answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'A fault that the local upstream makes, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'The same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown as it is, also on a terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Make an API key and show it, once')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the API keys, without the keys themselves')
            [CompletionResult]::new('revoke', 'revoke', [CompletionResultType]::ParameterValue, 'Revoke an API key, and the sessions that were begun with it, at once')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'qwenctl;keys;create' {
            [CompletionResult]::new('--expires', '--expires', [CompletionResultType]::ParameterName, 'When it ends: `90d`, `12h`, `2027-01-01` or `2027-01-01T08:00:00Z`; never without it')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'How often it may be used, instead of the server''s `--rate-limit`; repeatable')
            [CompletionResult]::new('--scope', '--scope', [CompletionResultType]::ParameterName, 'What it allows: `read` to look, `send` to prompt as well, `admin` to delete as well')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'The engine''s model for every name it does not know, or for one; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'How many tokens the engine''s model can look at [default: what the engine says]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'A proxy for everything: http, https, socks5 or socks5h')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Certificates (PEM) to trust besides the system''s')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'How long the upstream may be silent [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'How long the whole command may take [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream cuts its answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'A fault that the local upstream makes, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'The same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown as it is, also on a terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;keys;list' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'The engine''s model for every name it does not know, or for one; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'How many tokens the engine''s model can look at [default: what the engine says]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'A proxy for everything: http, https, socks5 or socks5h')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Certificates (PEM) to trust besides the system''s')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'How long the upstream may be silent [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'How long the whole command may take [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream cuts its answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'A fault that the local upstream makes, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'The same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown as it is, also on a terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;keys;revoke' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'The engine''s model for every name it does not know, or for one; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'How many tokens the engine''s model can look at [default: what the engine says]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'A proxy for everything: http, https, socks5 or socks5h')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Certificates (PEM) to trust besides the system''s')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'How long the upstream may be silent [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'How long the whole command may take [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream cuts its answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'A fault that the local upstream makes, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'The same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown as it is, also on a terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;keys;help' {
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Make an API key and show it, once')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the API keys, without the keys themselves')
            [CompletionResult]::new('revoke', 'revoke', [CompletionResultType]::ParameterValue, 'Revoke an API key, and the sessions that were begun with it, at once')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'qwenctl;keys;help;create' {
            break
        }
        'qwenctl;keys;help;list' {
            break
        }
        'qwenctl;keys;help;revoke' {
            break
        }
        'qwenctl;keys;help;help' {
            break
        }
        'qwenctl;local' {
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'The port on 127.0.0.1; 0 takes a free one')
            [CompletionResult]::new('--write-token', '--write-token', [CompletionResultType]::ParameterName, 'Write the access token to this file (mode 0600)')
            [CompletionResult]::new('--database', '--database', [CompletionResultType]::ParameterName, 'The database; a temporary one without it')
            [CompletionResult]::new('--seed', '--seed', [CompletionResultType]::ParameterName, 'What random chunking and made-up ids start from')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'The engine''s model for every name it does not know, or for one; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'How many tokens the engine''s model can look at [default: what the engine says]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'A proxy for everything: http, https, socks5 or socks5h')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Certificates (PEM) to trust besides the system''s')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'How long the upstream may be silent [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'How long the whole command may take [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream cuts its answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'A fault that the local upstream makes, such as `F66`; repeatable')
            [CompletionResult]::new('--print-token', '--print-token', [CompletionResultType]::ParameterName, 'Print the access token on standard output')
            [CompletionResult]::new('--no-pace', '--no-pace', [CompletionResultType]::ParameterName, 'Answer at once, without the pauses of a model')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'The same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown as it is, also on a terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;doctor' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'The engine''s model for every name it does not know, or for one; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'How many tokens the engine''s model can look at [default: what the engine says]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'A proxy for everything: http, https, socks5 or socks5h')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Certificates (PEM) to trust besides the system''s')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'How long the upstream may be silent [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'How long the whole command may take [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream cuts its answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'A fault that the local upstream makes, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'The same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown as it is, also on a terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;config' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'The engine''s model for every name it does not know, or for one; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'How many tokens the engine''s model can look at [default: what the engine says]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'A proxy for everything: http, https, socks5 or socks5h')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Certificates (PEM) to trust besides the system''s')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'How long the upstream may be silent [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'How long the whole command may take [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream cuts its answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'A fault that the local upstream makes, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'The same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown as it is, also on a terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print where the config file, the credentials and the data lie')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print every setting that counts')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'qwenctl;config;path' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'The engine''s model for every name it does not know, or for one; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'How many tokens the engine''s model can look at [default: what the engine says]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'A proxy for everything: http, https, socks5 or socks5h')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Certificates (PEM) to trust besides the system''s')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'How long the upstream may be silent [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'How long the whole command may take [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream cuts its answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'A fault that the local upstream makes, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'The same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown as it is, also on a terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;config;show' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'The engine''s model for every name it does not know, or for one; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'How many tokens the engine''s model can look at [default: what the engine says]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'A proxy for everything: http, https, socks5 or socks5h')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Certificates (PEM) to trust besides the system''s')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'How long the upstream may be silent [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'How long the whole command may take [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream cuts its answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'A fault that the local upstream makes, such as `F66`; repeatable')
            [CompletionResult]::new('--origin', '--origin', [CompletionResultType]::ParameterName, 'Say of each setting where its value comes from')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'The same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown as it is, also on a terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;config;help' {
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print where the config file, the credentials and the data lie')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print every setting that counts')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'qwenctl;config;help;path' {
            break
        }
        'qwenctl;config;help;show' {
            break
        }
        'qwenctl;config;help;help' {
            break
        }
        'qwenctl;completions' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'The engine''s model for every name it does not know, or for one; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'How many tokens the engine''s model can look at [default: what the engine says]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'A proxy for everything: http, https, socks5 or socks5h')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Certificates (PEM) to trust besides the system''s')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'How long the upstream may be silent [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'How long the whole command may take [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream cuts its answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'A fault that the local upstream makes, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'The same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown as it is, also on a terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;man' {
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Write one page for each command into this directory')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'How to print the result')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Let this server answer, as `--local` does: ollama, lmstudio, dashscope, dashscope-intl or a URL')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'The engine''s model for every name it does not know, or for one; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'How many tokens the engine''s model can look at [default: what the engine says]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'A proxy for everything: http, https, socks5 or socks5h')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Certificates (PEM) to trust besides the system''s')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'How long to wait for a connection [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'How long the upstream may be silent [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'How long the whole command may take [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream cuts its answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'A fault that the local upstream makes, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'The same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only the result and errors: no notes, no progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'More about what happens, and request ids with errors')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask anything')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown as it is, also on a terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;help' {
            [CompletionResult]::new('chats', 'chats', [CompletionResultType]::ParameterValue, 'List, show, make, rename and delete chats')
            [CompletionResult]::new('send', 'send', [CompletionResultType]::ParameterValue, 'Send the next message of a chat and print the answer')
            [CompletionResult]::new('quick', 'quick', [CompletionResultType]::ParameterValue, 'Ask in the most recent chat, or in a new one')
            [CompletionResult]::new('token', 'token', [CompletionResultType]::ParameterValue, 'Store, check and refresh the access token')
            [CompletionResult]::new('models', 'models', [CompletionResultType]::ParameterValue, 'List the models and what they can do')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Tell whether you are signed in (exit code 4 if not)')
            [CompletionResult]::new('stats', 'stats', [CompletionResultType]::ParameterValue, 'Count your chats, over all pages')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Serve the REST API and the chat page')
            [CompletionResult]::new('keys', 'keys', [CompletionResultType]::ParameterValue, 'Make, list and revoke API keys for `serve`')
            [CompletionResult]::new('local', 'local', [CompletionResultType]::ParameterValue, 'Run the local upstream alone, for other programs'' tests')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Look for what is wrong, and say what to do')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Show where the settings come from')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completion script for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the manual page (roff), or write the pages of all commands')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            [CompletionResult]::new('settings', 'settings', [CompletionResultType]::ParameterValue, 'Flags, environment variables and the config file')
            [CompletionResult]::new('errors', 'errors', [CompletionResultType]::ParameterValue, 'Exit codes, error codes and partial answers')
            [CompletionResult]::new('rest', 'rest', [CompletionResultType]::ParameterValue, 'REST API of `serve`')
            [CompletionResult]::new('openai', 'openai', [CompletionResultType]::ParameterValue, 'OpenAI and Anthropic APIs of `serve`')
            [CompletionResult]::new('limits', 'limits', [CompletionResultType]::ParameterValue, 'API keys, rate limits, timeouts and caches of `serve`')
            [CompletionResult]::new('log', 'log', [CompletionResultType]::ParameterValue, 'Log format and log fields of `serve`')
            [CompletionResult]::new('metrics', 'metrics', [CompletionResultType]::ParameterValue, 'Prometheus metrics of `serve`')
            [CompletionResult]::new('engine', 'engine', [CompletionResultType]::ParameterValue, 'Models on your own machine, and Qwen''s paid API')
            break
        }
        'qwenctl;help;chats' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List your chats, newest first')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show the messages of a chat')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete chats')
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Make an empty chat and print its id')
            [CompletionResult]::new('rename', 'rename', [CompletionResultType]::ParameterValue, 'Give a chat another title')
            break
        }
        'qwenctl;help;chats;list' {
            break
        }
        'qwenctl;help;chats;show' {
            break
        }
        'qwenctl;help;chats;delete' {
            break
        }
        'qwenctl;help;chats;new' {
            break
        }
        'qwenctl;help;chats;rename' {
            break
        }
        'qwenctl;help;send' {
            break
        }
        'qwenctl;help;quick' {
            break
        }
        'qwenctl;help;token' {
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Store an access token (hidden prompt, or standard input)')
            [CompletionResult]::new('info', 'info', [CompletionResultType]::ParameterValue, 'Show where the token comes from and when it expires (exit code 4 if it has)')
            [CompletionResult]::new('refresh', 'refresh', [CompletionResultType]::ParameterValue, 'Get a new token and store it')
            break
        }
        'qwenctl;help;token;set' {
            break
        }
        'qwenctl;help;token;info' {
            break
        }
        'qwenctl;help;token;refresh' {
            break
        }
        'qwenctl;help;models' {
            break
        }
        'qwenctl;help;status' {
            break
        }
        'qwenctl;help;stats' {
            break
        }
        'qwenctl;help;serve' {
            break
        }
        'qwenctl;help;keys' {
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Make an API key and show it, once')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the API keys, without the keys themselves')
            [CompletionResult]::new('revoke', 'revoke', [CompletionResultType]::ParameterValue, 'Revoke an API key, and the sessions that were begun with it, at once')
            break
        }
        'qwenctl;help;keys;create' {
            break
        }
        'qwenctl;help;keys;list' {
            break
        }
        'qwenctl;help;keys;revoke' {
            break
        }
        'qwenctl;help;local' {
            break
        }
        'qwenctl;help;doctor' {
            break
        }
        'qwenctl;help;config' {
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print where the config file, the credentials and the data lie')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print every setting that counts')
            break
        }
        'qwenctl;help;config;path' {
            break
        }
        'qwenctl;help;config;show' {
            break
        }
        'qwenctl;help;completions' {
            break
        }
        'qwenctl;help;man' {
            break
        }
        'qwenctl;help;help' {
            break
        }
        'qwenctl;help;settings' {
            break
        }
        'qwenctl;help;errors' {
            break
        }
        'qwenctl;help;rest' {
            break
        }
        'qwenctl;help;openai' {
            break
        }
        'qwenctl;help;limits' {
            break
        }
        'qwenctl;help;log' {
            break
        }
        'qwenctl;help;metrics' {
            break
        }
        'qwenctl;help;engine' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
