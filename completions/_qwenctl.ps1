
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
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('chats', 'chats', [CompletionResultType]::ParameterValue, 'List, show, create, change and delete chats')
            [CompletionResult]::new('archive', 'archive', [CompletionResultType]::ParameterValue, 'Show, check and mend the local archive of your chats')
            [CompletionResult]::new('send', 'send', [CompletionResultType]::ParameterValue, 'Send a message to a chat and print the answer')
            [CompletionResult]::new('quick', 'quick', [CompletionResultType]::ParameterValue, 'Send a message to the most recent chat, or to a new one')
            [CompletionResult]::new('chat', 'chat', [CompletionResultType]::ParameterValue, 'Talk to a model at the terminal')
            [CompletionResult]::new('token', 'token', [CompletionResultType]::ParameterValue, 'Store, check, refresh and remove the access token')
            [CompletionResult]::new('account', 'account', [CompletionResultType]::ParameterValue, 'List, choose and remove stored accounts')
            [CompletionResult]::new('models', 'models', [CompletionResultType]::ParameterValue, 'List the models and their capabilities')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show whether you are signed in (exit code 4 if not)')
            [CompletionResult]::new('stats', 'stats', [CompletionResultType]::ParameterValue, 'Show statistics of your account')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Serve the REST API and the chat page')
            [CompletionResult]::new('keys', 'keys', [CompletionResultType]::ParameterValue, 'Create, list and revoke API keys for `serve`')
            [CompletionResult]::new('local', 'local', [CompletionResultType]::ParameterValue, 'Run the local upstream on its own, to test other programs')
            [CompletionResult]::new('mcp', 'mcp', [CompletionResultType]::ParameterValue, 'Let other programs read your chats (Model Context Protocol)')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Diagnose problems and suggest fixes')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Show and change the settings')
            [CompletionResult]::new('templates', 'templates', [CompletionResultType]::ParameterValue, 'List, show and edit templates of prompts')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completion script for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the man page (roff), or write the pages of all commands')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'qwenctl;chats' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List your chats, newest first')
            [CompletionResult]::new('sync', 'sync', [CompletionResultType]::ParameterValue, 'Copy your chats into the local archive')
            [CompletionResult]::new('search', 'search', [CompletionResultType]::ParameterValue, 'Search the local archive for words')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Export chats to files, or to standard output')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Import chats of other programs into the local archive')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show the messages of a chat')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete chats')
            [CompletionResult]::new('trash', 'trash', [CompletionResultType]::ParameterValue, 'List, restore and purge deleted chats')
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Create an empty chat and print its id')
            [CompletionResult]::new('rename', 'rename', [CompletionResultType]::ParameterValue, 'Rename a chat')
            [CompletionResult]::new('pin', 'pin', [CompletionResultType]::ParameterValue, 'Pin a chat')
            [CompletionResult]::new('unpin', 'unpin', [CompletionResultType]::ParameterValue, 'Unpin a chat')
            [CompletionResult]::new('archive', 'archive', [CompletionResultType]::ParameterValue, 'Archive a chat')
            [CompletionResult]::new('unarchive', 'unarchive', [CompletionResultType]::ParameterValue, 'Take a chat out of the archive')
            [CompletionResult]::new('projects', 'projects', [CompletionResultType]::ParameterValue, 'List your projects')
            [CompletionResult]::new('move', 'move', [CompletionResultType]::ParameterValue, 'Move a chat to a project, or out of its project')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'qwenctl;chats;list' {
            [CompletionResult]::new('--page', '--page', [CompletionResultType]::ParameterName, 'Page number, from 1; a page has up to 60 chats')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Maximum number of chats')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Only chats changed since a date, or within a time such as `3d`')
            [CompletionResult]::new('--project', '--project', [CompletionResultType]::ParameterName, 'Only chats of this project (id or name)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'List all pages')
            [CompletionResult]::new('--pinned', '--pinned', [CompletionResultType]::ParameterName, 'Only pinned chats')
            [CompletionResult]::new('--archived', '--archived', [CompletionResultType]::ParameterName, 'Only archived chats')
            [CompletionResult]::new('--archived-locally', '--archived-locally', [CompletionResultType]::ParameterName, 'The chats in the local archive, without asking the upstream')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;chats;sync' {
            [CompletionResult]::new('--rate', '--rate', [CompletionResultType]::ParameterName, 'Maximum rate of requests [default: 3/second]')
            [CompletionResult]::new('--watch', '--watch', [CompletionResultType]::ParameterName, 'Repeat after a pause such as `5m`, until Ctrl-C')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--full', '--full', [CompletionResultType]::ParameterName, 'List all chats and retry all failed ones, not only what has changed')
            [CompletionResult]::new('--accept-gone', '--accept-gone', [CompletionResultType]::ParameterName, 'Accept that many chats are deleted upstream')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;chats;search' {
            [CompletionResult]::new('--in', '--in', [CompletionResultType]::ParameterName, 'Where to search: titles, messages, thinking; comma-separated')
            [CompletionResult]::new('--role', '--role', [CompletionResultType]::ParameterName, 'Only messages with this role')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Only messages of this model')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Only since a date, or within a time such as `3d`')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Only before a date, or before an age such as `3d`')
            [CompletionResult]::new('--chat', '--chat', [CompletionResultType]::ParameterName, 'Only this chat: its id, or the beginning of it')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Order of the results')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Maximum number of results')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('-F', '-F ', [CompletionResultType]::ParameterName, 'Search for the text exactly as it is')
            [CompletionResult]::new('--literal', '--literal', [CompletionResultType]::ParameterName, 'Search for the text exactly as it is')
            [CompletionResult]::new('-E', '-E ', [CompletionResultType]::ParameterName, 'Search for a regular expression')
            [CompletionResult]::new('--regex', '--regex', [CompletionResultType]::ParameterName, 'Search for a regular expression')
            [CompletionResult]::new('--all-accounts', '--all-accounts', [CompletionResultType]::ParameterName, 'Search the archived chats of all accounts')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;chats;export' {
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Only chats active since a date, or within a time such as `3d`')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Only chats not active since a date, or within a time such as `90d`')
            [CompletionResult]::new('--match', '--match', [CompletionResultType]::ParameterName, 'Only chats that match a query of `chats search`')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Format of the export')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Directory or file to write; `-` is standard output [default: -]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Directory or file to write; `-` is standard output [default: -]')
            [CompletionResult]::new('--branches', '--branches', [CompletionResultType]::ParameterName, 'Messages to export [default: as the format has them]')
            [CompletionResult]::new('--layout', '--layout', [CompletionResultType]::ParameterName, 'Directories for the files')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Export all archived chats')
            [CompletionResult]::new('--thinking', '--thinking', [CompletionResultType]::ParameterName, 'Include the model''s thoughts in md, html, sharegpt and openai-jsonl')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Include what the service sent, in ndjson')
            [CompletionResult]::new('--update', '--update', [CompletionResultType]::ParameterName, 'Write only files that have changed; rename those of renamed chats')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print the report as JSON')
            [CompletionResult]::new('--all-accounts', '--all-accounts', [CompletionResultType]::ParameterName, 'Export archived chats of all accounts')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;chats;import' {
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Format of the files')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Read the files, and change nothing')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;chats;show' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--tree', '--tree', [CompletionResultType]::ParameterName, 'Show all branches, indented, instead of the current one')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;chats;delete' {
            [CompletionResult]::new('--older-than', '--older-than', [CompletionResultType]::ParameterName, 'Chats whose last message is older than a time such as `90d`')
            [CompletionResult]::new('--match', '--match', [CompletionResultType]::ParameterName, 'Chats that this search finds (see `qwenctl chats search`)')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Chats of this model')
            [CompletionResult]::new('--max', '--max', [CompletionResultType]::ParameterName, 'Maximum number of chats with `--yes` [default: 500]')
            [CompletionResult]::new('--grace', '--grace', [CompletionResultType]::ParameterName, 'Delete after this time, until which it can be undone')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--empty', '--empty', [CompletionResultType]::ParameterName, 'Chats without messages')
            [CompletionResult]::new('--pinned', '--pinned', [CompletionResultType]::ParameterName, 'Pinned chats, too')
            [CompletionResult]::new('--no-sync', '--no-sync', [CompletionResultType]::ParameterName, 'Do not sync the archive before chats are selected')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Delete without confirmation')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Delete without confirmation')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'List the chats that would be deleted, and delete none')
            [CompletionResult]::new('--no-archive', '--no-archive', [CompletionResultType]::ParameterName, 'Keep no copy in the archive')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;chats;trash' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List deleted chats, and those that will be')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show the messages of a chat in the trash')
            [CompletionResult]::new('restore', 'restore', [CompletionResultType]::ParameterValue, 'Cancel a deletion, or put a deleted chat back into the archive')
            [CompletionResult]::new('purge', 'purge', [CompletionResultType]::ParameterValue, 'Remove the copies of deleted chats for good')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'qwenctl;chats;trash;list' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;chats;trash;show' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--tree', '--tree', [CompletionResultType]::ParameterName, 'Show all branches, indented, instead of the current one')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;chats;trash;restore' {
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'Model of the new chat')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Model of the new chat')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--as-new', '--as-new', [CompletionResultType]::ParameterName, 'Make a new chat with the transcript; costs one answer')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Make the new chat without confirmation')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Make the new chat without confirmation')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;chats;trash;purge' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'All deleted chats of the trash')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Purge without confirmation')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Purge without confirmation')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;chats;trash;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List deleted chats, and those that will be')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show the messages of a chat in the trash')
            [CompletionResult]::new('restore', 'restore', [CompletionResultType]::ParameterValue, 'Cancel a deletion, or put a deleted chat back into the archive')
            [CompletionResult]::new('purge', 'purge', [CompletionResultType]::ParameterValue, 'Remove the copies of deleted chats for good')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'qwenctl;chats;trash;help;list' {
            break
        }
        'qwenctl;chats;trash;help;show' {
            break
        }
        'qwenctl;chats;trash;help;restore' {
            break
        }
        'qwenctl;chats;trash;help;purge' {
            break
        }
        'qwenctl;chats;trash;help;help' {
            break
        }
        'qwenctl;chats;new' {
            [CompletionResult]::new('--title', '--title', [CompletionResultType]::ParameterName, 'Title of the chat')
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'Model of the chat')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Model of the chat')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;chats;rename' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;chats;pin' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;chats;unpin' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;chats;archive' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;chats;unarchive' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;chats;projects' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;chats;move' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;chats;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List your chats, newest first')
            [CompletionResult]::new('sync', 'sync', [CompletionResultType]::ParameterValue, 'Copy your chats into the local archive')
            [CompletionResult]::new('search', 'search', [CompletionResultType]::ParameterValue, 'Search the local archive for words')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Export chats to files, or to standard output')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Import chats of other programs into the local archive')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show the messages of a chat')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete chats')
            [CompletionResult]::new('trash', 'trash', [CompletionResultType]::ParameterValue, 'List, restore and purge deleted chats')
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Create an empty chat and print its id')
            [CompletionResult]::new('rename', 'rename', [CompletionResultType]::ParameterValue, 'Rename a chat')
            [CompletionResult]::new('pin', 'pin', [CompletionResultType]::ParameterValue, 'Pin a chat')
            [CompletionResult]::new('unpin', 'unpin', [CompletionResultType]::ParameterValue, 'Unpin a chat')
            [CompletionResult]::new('archive', 'archive', [CompletionResultType]::ParameterValue, 'Archive a chat')
            [CompletionResult]::new('unarchive', 'unarchive', [CompletionResultType]::ParameterValue, 'Take a chat out of the archive')
            [CompletionResult]::new('projects', 'projects', [CompletionResultType]::ParameterValue, 'List your projects')
            [CompletionResult]::new('move', 'move', [CompletionResultType]::ParameterValue, 'Move a chat to a project, or out of its project')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'qwenctl;chats;help;list' {
            break
        }
        'qwenctl;chats;help;sync' {
            break
        }
        'qwenctl;chats;help;search' {
            break
        }
        'qwenctl;chats;help;export' {
            break
        }
        'qwenctl;chats;help;import' {
            break
        }
        'qwenctl;chats;help;show' {
            break
        }
        'qwenctl;chats;help;delete' {
            break
        }
        'qwenctl;chats;help;trash' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List deleted chats, and those that will be')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show the messages of a chat in the trash')
            [CompletionResult]::new('restore', 'restore', [CompletionResultType]::ParameterValue, 'Cancel a deletion, or put a deleted chat back into the archive')
            [CompletionResult]::new('purge', 'purge', [CompletionResultType]::ParameterValue, 'Remove the copies of deleted chats for good')
            break
        }
        'qwenctl;chats;help;trash;list' {
            break
        }
        'qwenctl;chats;help;trash;show' {
            break
        }
        'qwenctl;chats;help;trash;restore' {
            break
        }
        'qwenctl;chats;help;trash;purge' {
            break
        }
        'qwenctl;chats;help;new' {
            break
        }
        'qwenctl;chats;help;rename' {
            break
        }
        'qwenctl;chats;help;pin' {
            break
        }
        'qwenctl;chats;help;unpin' {
            break
        }
        'qwenctl;chats;help;archive' {
            break
        }
        'qwenctl;chats;help;unarchive' {
            break
        }
        'qwenctl;chats;help;projects' {
            break
        }
        'qwenctl;chats;help;move' {
            break
        }
        'qwenctl;chats;help;help' {
            break
        }
        'qwenctl;archive' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show the size of the archive, its last sync and failures')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check the file and its index')
            [CompletionResult]::new('rebuild', 'rebuild', [CompletionResultType]::ParameterValue, 'Make the search index anew')
            [CompletionResult]::new('backup', 'backup', [CompletionResultType]::ParameterValue, 'Write a copy of the archive to a new file')
            [CompletionResult]::new('forget', 'forget', [CompletionResultType]::ParameterValue, 'Delete the archived chats of the account; upstream they stay')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print the path of the archive')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'qwenctl;archive;status' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;archive;check' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;archive;rebuild' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;archive;backup' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;archive;forget' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--all-accounts', '--all-accounts', [CompletionResultType]::ParameterName, 'Delete the archived chats of all accounts')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Delete without confirmation')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Delete without confirmation')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;archive;path' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;archive;help' {
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show the size of the archive, its last sync and failures')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check the file and its index')
            [CompletionResult]::new('rebuild', 'rebuild', [CompletionResultType]::ParameterValue, 'Make the search index anew')
            [CompletionResult]::new('backup', 'backup', [CompletionResultType]::ParameterValue, 'Write a copy of the archive to a new file')
            [CompletionResult]::new('forget', 'forget', [CompletionResultType]::ParameterValue, 'Delete the archived chats of the account; upstream they stay')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print the path of the archive')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'qwenctl;archive;help;status' {
            break
        }
        'qwenctl;archive;help;check' {
            break
        }
        'qwenctl;archive;help;rebuild' {
            break
        }
        'qwenctl;archive;help;backup' {
            break
        }
        'qwenctl;archive;help;forget' {
            break
        }
        'qwenctl;archive;help;path' {
            break
        }
        'qwenctl;archive;help;help' {
            break
        }
        'qwenctl;send' {
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'Model to use (see `qwenctl models`)')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Model to use (see `qwenctl models`)')
            [CompletionResult]::new('--system', '--system', [CompletionResultType]::ParameterName, 'System prompt')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Attach a file: a path, a URL, or `-` for standard input; repeatable')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Attach a file: a path, a URL, or `-` for standard input; repeatable')
            [CompletionResult]::new('--long-as-file', '--long-as-file', [CompletionResultType]::ParameterName, 'When to send a long message as a file [default: auto]')
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'Use this template (see `qwenctl templates`)')
            [CompletionResult]::new('--template', '--template', [CompletionResultType]::ParameterName, 'Use this template (see `qwenctl templates`)')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Value of a variable of the template; repeatable')
            [CompletionResult]::new('-O', '-O ', [CompletionResultType]::ParameterName, 'Write the answer to a new file instead of standard output')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Write the answer to a new file instead of standard output')
            [CompletionResult]::new('--extract', '--extract', [CompletionResultType]::ParameterName, 'Print only the first code block, in a language if given')
            [CompletionResult]::new('--parent', '--parent', [CompletionResultType]::ParameterName, 'Reply to this message instead of the current one; starts a branch')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--think', '--think', [CompletionResultType]::ParameterName, 'Enable thinking')
            [CompletionResult]::new('--search', '--search', [CompletionResultType]::ParameterName, 'Enable web search')
            [CompletionResult]::new('--no-stream', '--no-stream', [CompletionResultType]::ParameterName, 'Print the answer only when it is complete')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Edit the message in $VISUAL or $EDITOR before it is sent')
            [CompletionResult]::new('--edit', '--edit', [CompletionResultType]::ParameterName, 'Edit the message in $VISUAL or $EDITOR before it is sent')
            [CompletionResult]::new('--usage', '--usage', [CompletionResultType]::ParameterName, 'Print the tokens and the time of the answer')
            [CompletionResult]::new('--notify', '--notify', [CompletionResultType]::ParameterName, 'Notify at the end of an answer that takes more than 10 seconds')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Overwrite the file of `--out`, and send even if the quota is used up')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be sent, and send nothing')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;quick' {
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'Model to use (see `qwenctl models`)')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Model to use (see `qwenctl models`)')
            [CompletionResult]::new('--system', '--system', [CompletionResultType]::ParameterName, 'System prompt')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Attach a file: a path, a URL, or `-` for standard input; repeatable')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Attach a file: a path, a URL, or `-` for standard input; repeatable')
            [CompletionResult]::new('--long-as-file', '--long-as-file', [CompletionResultType]::ParameterName, 'When to send a long message as a file [default: auto]')
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'Use this template (see `qwenctl templates`)')
            [CompletionResult]::new('--template', '--template', [CompletionResultType]::ParameterName, 'Use this template (see `qwenctl templates`)')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Value of a variable of the template; repeatable')
            [CompletionResult]::new('-O', '-O ', [CompletionResultType]::ParameterName, 'Write the answer to a new file instead of standard output')
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Write the answer to a new file instead of standard output')
            [CompletionResult]::new('--extract', '--extract', [CompletionResultType]::ParameterName, 'Print only the first code block, in a language if given')
            [CompletionResult]::new('--parent', '--parent', [CompletionResultType]::ParameterName, 'Reply to this message of the most recent chat instead of the current one')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--think', '--think', [CompletionResultType]::ParameterName, 'Enable thinking')
            [CompletionResult]::new('--search', '--search', [CompletionResultType]::ParameterName, 'Enable web search')
            [CompletionResult]::new('--no-stream', '--no-stream', [CompletionResultType]::ParameterName, 'Print the answer only when it is complete')
            [CompletionResult]::new('-e', '-e', [CompletionResultType]::ParameterName, 'Edit the message in $VISUAL or $EDITOR before it is sent')
            [CompletionResult]::new('--edit', '--edit', [CompletionResultType]::ParameterName, 'Edit the message in $VISUAL or $EDITOR before it is sent')
            [CompletionResult]::new('--usage', '--usage', [CompletionResultType]::ParameterName, 'Print the tokens and the time of the answer')
            [CompletionResult]::new('--notify', '--notify', [CompletionResultType]::ParameterName, 'Notify at the end of an answer that takes more than 10 seconds')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Overwrite the file of `--out`, and send even if the quota is used up')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be sent, and send nothing')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Continue the most recent chat, whatever the setting `quick` says')
            [CompletionResult]::new('--continue', '--continue', [CompletionResultType]::ParameterName, 'Continue the most recent chat, whatever the setting `quick` says')
            [CompletionResult]::new('--new', '--new', [CompletionResultType]::ParameterName, 'Start a new chat')
            [CompletionResult]::new('--ephemeral', '--ephemeral', [CompletionResultType]::ParameterName, 'Start a new chat and delete it afterwards, even on failure')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;chat' {
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'Model to use (see `qwenctl models`)')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Model to use (see `qwenctl models`)')
            [CompletionResult]::new('--system', '--system', [CompletionResultType]::ParameterName, 'System prompt')
            [CompletionResult]::new('-f', '-f', [CompletionResultType]::ParameterName, 'Attach a file: a path, a URL, or `-` for standard input; repeatable')
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'Attach a file: a path, a URL, or `-` for standard input; repeatable')
            [CompletionResult]::new('--long-as-file', '--long-as-file', [CompletionResultType]::ParameterName, 'When to send a long message as a file [default: auto]')
            [CompletionResult]::new('-t', '-t', [CompletionResultType]::ParameterName, 'Begin with this template (see `qwenctl templates`)')
            [CompletionResult]::new('--template', '--template', [CompletionResultType]::ParameterName, 'Begin with this template (see `qwenctl templates`)')
            [CompletionResult]::new('--var', '--var', [CompletionResultType]::ParameterName, 'Value of a variable of the template; repeatable')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Continue the most recent chat')
            [CompletionResult]::new('--continue', '--continue', [CompletionResultType]::ParameterName, 'Continue the most recent chat')
            [CompletionResult]::new('--think', '--think', [CompletionResultType]::ParameterName, 'Enable thinking')
            [CompletionResult]::new('--search', '--search', [CompletionResultType]::ParameterName, 'Enable web search')
            [CompletionResult]::new('--usage', '--usage', [CompletionResultType]::ParameterName, 'Print the tokens and the time of each answer')
            [CompletionResult]::new('--notify', '--notify', [CompletionResultType]::ParameterName, 'Notify at the end of an answer that takes more than 10 seconds')
            [CompletionResult]::new('--no-history', '--no-history', [CompletionResultType]::ParameterName, 'Do not read or write the history of prompts')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Send prompts although the quota is known to be used up')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;token' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Store your credentials (hidden prompt or standard input)')
            [CompletionResult]::new('info', 'info', [CompletionResultType]::ParameterValue, 'Show the token''s origin and expiry (exit code 4 if expired)')
            [CompletionResult]::new('refresh', 'refresh', [CompletionResultType]::ParameterValue, 'Refresh the access token and store it')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Remove the stored credentials; the browser stays signed in')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'qwenctl;token;set' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--with-refresh', '--with-refresh', [CompletionResultType]::ParameterName, 'Also read the refresh token (second line of standard input)')
            [CompletionResult]::new('--keyring', '--keyring', [CompletionResultType]::ParameterName, 'Store the credentials in the keyring of the desktop instead of a file')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;token;info' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--check', '--check', [CompletionResultType]::ParameterName, 'Check whether the upstream accepts the token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;token;refresh' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;token;remove' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;token;help' {
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Store your credentials (hidden prompt or standard input)')
            [CompletionResult]::new('info', 'info', [CompletionResultType]::ParameterValue, 'Show the token''s origin and expiry (exit code 4 if expired)')
            [CompletionResult]::new('refresh', 'refresh', [CompletionResultType]::ParameterValue, 'Refresh the access token and store it')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Remove the stored credentials; the browser stays signed in')
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
        'qwenctl;token;help;remove' {
            break
        }
        'qwenctl;token;help;help' {
            break
        }
        'qwenctl;account' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the stored accounts and the state of their tokens')
            [CompletionResult]::new('use', 'use', [CompletionResultType]::ParameterValue, 'Make an account the default one')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Remove an account and its credentials from this machine')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'qwenctl;account;list' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;account;use' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;account;remove' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;account;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the stored accounts and the state of their tokens')
            [CompletionResult]::new('use', 'use', [CompletionResultType]::ParameterValue, 'Make an account the default one')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Remove an account and its credentials from this machine')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'qwenctl;account;help;list' {
            break
        }
        'qwenctl;account;help;use' {
            break
        }
        'qwenctl;account;help;remove' {
            break
        }
        'qwenctl;account;help;help' {
            break
        }
        'qwenctl;models' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;status' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;stats' {
            [CompletionResult]::new('--by', '--by', [CompletionResultType]::ParameterName, 'Group the messages; implies `--archive`')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Only since a date, or within a time such as `30d`; implies `--archive`')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--archive', '--archive', [CompletionResultType]::ParameterName, 'Count the messages in the local archive, without asking the upstream')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;serve' {
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'Model for prompts that name none')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Model for prompts that name none')
            [CompletionResult]::new('--model-alias', '--model-alias', [CompletionResultType]::ParameterName, 'Alias for a model in `/v1` requests; repeatable')
            [CompletionResult]::new('--tools', '--tools', [CompletionResultType]::ParameterName, 'Client tools in `/v1`: `text` (in the prompt; also `auto`) or `off`')
            [CompletionResult]::new('--sync-every', '--sync-every', [CompletionResultType]::ParameterName, 'Sync the archive at the start and after each interval; implies `--archive`')
            [CompletionResult]::new('--drain', '--drain', [CompletionResultType]::ParameterName, 'Grace period for running requests after the first Ctrl-C or SIGTERM')
            [CompletionResult]::new('--print-unit', '--print-unit', [CompletionResultType]::ParameterName, 'Print a systemd unit for this command line and exit')
            [CompletionResult]::new('--host', '--host', [CompletionResultType]::ParameterName, 'Address to listen on; any but a loopback address is open to the network')
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'Port to listen on; 0 picks a free one')
            [CompletionResult]::new('--allow-host', '--allow-host', [CompletionResultType]::ParameterName, 'Additional host name to accept in the `Host` header; repeatable')
            [CompletionResult]::new('--trust-proxy', '--trust-proxy', [CompletionResultType]::ParameterName, 'Trust `X-Forwarded-For` and `Forwarded` from this proxy; repeatable')
            [CompletionResult]::new('--tls-cert', '--tls-cert', [CompletionResultType]::ParameterName, 'Certificate chain in PEM format; enables HTTPS')
            [CompletionResult]::new('--tls-key', '--tls-key', [CompletionResultType]::ParameterName, 'Private key of the certificate in PEM format')
            [CompletionResult]::new('--session-time', '--session-time', [CompletionResultType]::ParameterName, 'Lifetime of a login session')
            [CompletionResult]::new('--rate-limit', '--rate-limit', [CompletionResultType]::ParameterName, 'Request limit per client, such as "100 per day"; repeatable')
            [CompletionResult]::new('--rate-limit-send', '--rate-limit-send', [CompletionResultType]::ParameterName, 'Prompt limit per client, such as "20 per minute"; repeatable')
            [CompletionResult]::new('--max-inflight', '--max-inflight', [CompletionResultType]::ParameterName, 'Maximum number of concurrent requests; more are queued (see --max-queue)')
            [CompletionResult]::new('--max-queue', '--max-queue', [CompletionResultType]::ParameterName, 'Maximum number of queued requests; more are refused with status 503')
            [CompletionResult]::new('--chat-wait', '--chat-wait', [CompletionResultType]::ParameterName, 'Maximum time a prompt is queued behind earlier ones of the same chat')
            [CompletionResult]::new('--stream-wait', '--stream-wait', [CompletionResultType]::ParameterName, 'Maximum time until a streamed response begins, with heartbeats')
            [CompletionResult]::new('--max-body', '--max-body', [CompletionResultType]::ParameterName, 'Maximum size of a request body, in bytes')
            [CompletionResult]::new('--max-connections', '--max-connections', [CompletionResultType]::ParameterName, 'Maximum number of connections; a remote address may hold a quarter')
            [CompletionResult]::new('--client-timeout', '--client-timeout', [CompletionResultType]::ParameterName, 'Timeout for a TLS handshake, a request head and an idle connection')
            [CompletionResult]::new('--body-timeout', '--body-timeout', [CompletionResultType]::ParameterName, 'Timeout for a whole request body')
            [CompletionResult]::new('--reader-timeout', '--reader-timeout', [CompletionResultType]::ParameterName, 'Timeout for a client that stops reading an answer; stops the model')
            [CompletionResult]::new('--cache-lists', '--cache-lists', [CompletionResultType]::ParameterName, 'Cache chat lists, chats and statistics for this long')
            [CompletionResult]::new('--cache-answers', '--cache-answers', [CompletionResultType]::ParameterName, 'Reuse the answer to an identical `quick` prompt for this long')
            [CompletionResult]::new('--cache-size', '--cache-size', [CompletionResultType]::ParameterName, 'Maximum size of all caches together, in bytes; 0 disables caching')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'Format of the log lines')
            [CompletionResult]::new('--log-file', '--log-file', [CompletionResultType]::ParameterName, 'Write the log to this file instead of standard error')
            [CompletionResult]::new('--log-max-size', '--log-max-size', [CompletionResultType]::ParameterName, 'Removed: use logrotate')
            [CompletionResult]::new('--log-keep', '--log-keep', [CompletionResultType]::ParameterName, 'Removed: use logrotate')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--any-model', '--any-model', [CompletionResultType]::ParameterName, 'Use the default model for unknown model names in `/v1` requests')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Reject `/v1` requests with unsupported parameters')
            [CompletionResult]::new('--archive', '--archive', [CompletionResultType]::ParameterName, 'Search the archive of your account (see `qwenctl chats sync`)')
            [CompletionResult]::new('--mcp-allow-ask', '--mcp-allow-ask', [CompletionResultType]::ParameterName, 'Let clients at `/mcp` also send prompts')
            [CompletionResult]::new('--require-key', '--require-key', [CompletionResultType]::ParameterName, 'Require an API key from every client, even on this machine')
            [CompletionResult]::new('--no-server-token', '--no-server-token', [CompletionResultType]::ParameterName, 'Never use the server''s own access token; clients must send their own')
            [CompletionResult]::new('--log-bodies', '--log-bodies', [CompletionResultType]::ParameterName, 'Log prompts and answers')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;keys' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Create an API key and print it once')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the API keys, without the keys themselves')
            [CompletionResult]::new('revoke', 'revoke', [CompletionResultType]::ParameterValue, 'Revoke an API key and its login sessions immediately')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'qwenctl;keys;create' {
            [CompletionResult]::new('--expires', '--expires', [CompletionResultType]::ParameterName, 'Expiry date or lifetime: `2027-01-01`, `2027-01-01T08:00:00Z`, `90d`, `12h`')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Request limit that replaces the server''s `--rate-limit`; repeatable')
            [CompletionResult]::new('--scope', '--scope', [CompletionResultType]::ParameterName, 'Scope: `read`, `send` (read and prompt) or `admin` (also delete)')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;keys;list' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;keys;revoke' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;keys;help' {
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Create an API key and print it once')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the API keys, without the keys themselves')
            [CompletionResult]::new('revoke', 'revoke', [CompletionResultType]::ParameterValue, 'Revoke an API key and its login sessions immediately')
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
            [CompletionResult]::new('--port', '--port', [CompletionResultType]::ParameterName, 'Port to listen on at 127.0.0.1; 0 picks a free one')
            [CompletionResult]::new('--write-token', '--write-token', [CompletionResultType]::ParameterName, 'Write the access token to this file (mode 0600)')
            [CompletionResult]::new('--database', '--database', [CompletionResultType]::ParameterName, 'Database file [default: a temporary one]')
            [CompletionResult]::new('--seed', '--seed', [CompletionResultType]::ParameterName, 'Seed of random chunking and generated ids')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--print-token', '--print-token', [CompletionResultType]::ParameterName, 'Print the access token on standard output')
            [CompletionResult]::new('--no-pace', '--no-pace', [CompletionResultType]::ParameterName, 'Answer immediately, without simulated pauses')
            [CompletionResult]::new('--list-faults', '--list-faults', [CompletionResultType]::ParameterName, 'List the faults of `--fault` and `[[fault:NAME]]`, and exit')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;mcp' {
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'Model for prompts that name none')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Model for prompts that name none')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--allow-ask', '--allow-ask', [CompletionResultType]::ParameterName, 'Let clients also send prompts, which use your quota')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;doctor' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;config' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print the paths of config file, credentials and data')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print the effective settings')
            [CompletionResult]::new('get', 'get', [CompletionResultType]::ParameterValue, 'Print the effective value of a setting')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Change a setting in the config file, and keep the rest of the file')
            [CompletionResult]::new('unset', 'unset', [CompletionResultType]::ParameterValue, 'Remove a setting from the config file')
            [CompletionResult]::new('edit', 'edit', [CompletionResultType]::ParameterValue, 'Edit the config file in $VISUAL or $EDITOR')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'qwenctl;config;path' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;config;show' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--origin', '--origin', [CompletionResultType]::ParameterName, 'Print the origin of each value')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;config;get' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;config;set' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;config;unset' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;config;edit' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;config;help' {
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print the paths of config file, credentials and data')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print the effective settings')
            [CompletionResult]::new('get', 'get', [CompletionResultType]::ParameterValue, 'Print the effective value of a setting')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Change a setting in the config file, and keep the rest of the file')
            [CompletionResult]::new('unset', 'unset', [CompletionResultType]::ParameterValue, 'Remove a setting from the config file')
            [CompletionResult]::new('edit', 'edit', [CompletionResultType]::ParameterValue, 'Edit the config file in $VISUAL or $EDITOR')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'qwenctl;config;help;path' {
            break
        }
        'qwenctl;config;help;show' {
            break
        }
        'qwenctl;config;help;get' {
            break
        }
        'qwenctl;config;help;set' {
            break
        }
        'qwenctl;config;help;unset' {
            break
        }
        'qwenctl;config;help;edit' {
            break
        }
        'qwenctl;config;help;help' {
            break
        }
        'qwenctl;templates' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the templates and their variables')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print a template')
            [CompletionResult]::new('edit', 'edit', [CompletionResultType]::ParameterValue, 'Edit a template in $VISUAL or $EDITOR, or make a new one')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print the path of a template, or of the directory')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'qwenctl;templates;list' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;templates;show' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;templates;edit' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;templates;path' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;templates;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the templates and their variables')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print a template')
            [CompletionResult]::new('edit', 'edit', [CompletionResultType]::ParameterValue, 'Edit a template in $VISUAL or $EDITOR, or make a new one')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print the path of a template, or of the directory')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'qwenctl;templates;help;list' {
            break
        }
        'qwenctl;templates;help;show' {
            break
        }
        'qwenctl;templates;help;edit' {
            break
        }
        'qwenctl;templates;help;path' {
            break
        }
        'qwenctl;templates;help;help' {
            break
        }
        'qwenctl;completions' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;man' {
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Write the pages of all commands and topics to this directory')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Output format')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colours [default: auto]')
            [CompletionResult]::new('--engine', '--engine', [CompletionResultType]::ParameterName, 'Model server behind `--local`: its URL, or a name')
            [CompletionResult]::new('--engine-model', '--engine-model', [CompletionResultType]::ParameterName, 'Engine model to use for NAME, or for every unknown model name; repeatable')
            [CompletionResult]::new('--engine-context', '--engine-context', [CompletionResultType]::ParameterName, 'Context window of the engine''s model [default: reported by the engine]')
            [CompletionResult]::new('--account', '--account', [CompletionResultType]::ParameterName, 'Use this stored account instead of the default one')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read the access token from this file; `-` is standard input')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Config file')
            [CompletionResult]::new('--api-url', '--api-url', [CompletionResultType]::ParameterName, 'Base URL of the API')
            [CompletionResult]::new('--proxy', '--proxy', [CompletionResultType]::ParameterName, 'Proxy for all requests: an http, https, socks5 or socks5h URL')
            [CompletionResult]::new('--ca-file', '--ca-file', [CompletionResultType]::ParameterName, 'Additional CA certificates to trust, in PEM format')
            [CompletionResult]::new('--connect-timeout', '--connect-timeout', [CompletionResultType]::ParameterName, 'Timeout for connecting [default: 10s]')
            [CompletionResult]::new('--idle-timeout', '--idle-timeout', [CompletionResultType]::ParameterName, 'Timeout for a silent upstream [default: 3m]')
            [CompletionResult]::new('--max-time', '--max-time', [CompletionResultType]::ParameterName, 'Timeout for the whole command [default: off]')
            [CompletionResult]::new('--chunking', '--chunking', [CompletionResultType]::ParameterName, 'How the local upstream splits answers: event, byte, random, utf8, many')
            [CompletionResult]::new('--fault', '--fault', [CompletionResultType]::ParameterName, 'Make the local upstream fail in this way, such as `F66`; repeatable')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Same as `-o json`')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print only the result and errors, no notes or progress')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Print more details, such as causes and request ids')
            [CompletionResult]::new('--local', '--local', [CompletionResultType]::ParameterName, 'Use the built-in local upstream: no account, no network')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never prompt for input')
            [CompletionResult]::new('--no-stdin', '--no-stdin', [CompletionResultType]::ParameterName, 'Do not read standard input')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print Markdown unrendered, even on a terminal')
            [CompletionResult]::new('--no-highlight', '--no-highlight', [CompletionResultType]::ParameterName, 'Do not colour code by its language')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'qwenctl;help' {
            [CompletionResult]::new('chats', 'chats', [CompletionResultType]::ParameterValue, 'List, show, create, change and delete chats')
            [CompletionResult]::new('archive', 'archive', [CompletionResultType]::ParameterValue, 'Show, check and mend the local archive of your chats')
            [CompletionResult]::new('send', 'send', [CompletionResultType]::ParameterValue, 'Send a message to a chat and print the answer')
            [CompletionResult]::new('quick', 'quick', [CompletionResultType]::ParameterValue, 'Send a message to the most recent chat, or to a new one')
            [CompletionResult]::new('chat', 'chat', [CompletionResultType]::ParameterValue, 'Talk to a model at the terminal')
            [CompletionResult]::new('token', 'token', [CompletionResultType]::ParameterValue, 'Store, check, refresh and remove the access token')
            [CompletionResult]::new('account', 'account', [CompletionResultType]::ParameterValue, 'List, choose and remove stored accounts')
            [CompletionResult]::new('models', 'models', [CompletionResultType]::ParameterValue, 'List the models and their capabilities')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show whether you are signed in (exit code 4 if not)')
            [CompletionResult]::new('stats', 'stats', [CompletionResultType]::ParameterValue, 'Show statistics of your account')
            [CompletionResult]::new('serve', 'serve', [CompletionResultType]::ParameterValue, 'Serve the REST API and the chat page')
            [CompletionResult]::new('keys', 'keys', [CompletionResultType]::ParameterValue, 'Create, list and revoke API keys for `serve`')
            [CompletionResult]::new('local', 'local', [CompletionResultType]::ParameterValue, 'Run the local upstream on its own, to test other programs')
            [CompletionResult]::new('mcp', 'mcp', [CompletionResultType]::ParameterValue, 'Let other programs read your chats (Model Context Protocol)')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Diagnose problems and suggest fixes')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Show and change the settings')
            [CompletionResult]::new('templates', 'templates', [CompletionResultType]::ParameterValue, 'List, show and edit templates of prompts')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completion script for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the man page (roff), or write the pages of all commands')
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
            [CompletionResult]::new('sync', 'sync', [CompletionResultType]::ParameterValue, 'Copy your chats into the local archive')
            [CompletionResult]::new('search', 'search', [CompletionResultType]::ParameterValue, 'Search the local archive for words')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Export chats to files, or to standard output')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Import chats of other programs into the local archive')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show the messages of a chat')
            [CompletionResult]::new('delete', 'delete', [CompletionResultType]::ParameterValue, 'Delete chats')
            [CompletionResult]::new('trash', 'trash', [CompletionResultType]::ParameterValue, 'List, restore and purge deleted chats')
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Create an empty chat and print its id')
            [CompletionResult]::new('rename', 'rename', [CompletionResultType]::ParameterValue, 'Rename a chat')
            [CompletionResult]::new('pin', 'pin', [CompletionResultType]::ParameterValue, 'Pin a chat')
            [CompletionResult]::new('unpin', 'unpin', [CompletionResultType]::ParameterValue, 'Unpin a chat')
            [CompletionResult]::new('archive', 'archive', [CompletionResultType]::ParameterValue, 'Archive a chat')
            [CompletionResult]::new('unarchive', 'unarchive', [CompletionResultType]::ParameterValue, 'Take a chat out of the archive')
            [CompletionResult]::new('projects', 'projects', [CompletionResultType]::ParameterValue, 'List your projects')
            [CompletionResult]::new('move', 'move', [CompletionResultType]::ParameterValue, 'Move a chat to a project, or out of its project')
            break
        }
        'qwenctl;help;chats;list' {
            break
        }
        'qwenctl;help;chats;sync' {
            break
        }
        'qwenctl;help;chats;search' {
            break
        }
        'qwenctl;help;chats;export' {
            break
        }
        'qwenctl;help;chats;import' {
            break
        }
        'qwenctl;help;chats;show' {
            break
        }
        'qwenctl;help;chats;delete' {
            break
        }
        'qwenctl;help;chats;trash' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List deleted chats, and those that will be')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show the messages of a chat in the trash')
            [CompletionResult]::new('restore', 'restore', [CompletionResultType]::ParameterValue, 'Cancel a deletion, or put a deleted chat back into the archive')
            [CompletionResult]::new('purge', 'purge', [CompletionResultType]::ParameterValue, 'Remove the copies of deleted chats for good')
            break
        }
        'qwenctl;help;chats;trash;list' {
            break
        }
        'qwenctl;help;chats;trash;show' {
            break
        }
        'qwenctl;help;chats;trash;restore' {
            break
        }
        'qwenctl;help;chats;trash;purge' {
            break
        }
        'qwenctl;help;chats;new' {
            break
        }
        'qwenctl;help;chats;rename' {
            break
        }
        'qwenctl;help;chats;pin' {
            break
        }
        'qwenctl;help;chats;unpin' {
            break
        }
        'qwenctl;help;chats;archive' {
            break
        }
        'qwenctl;help;chats;unarchive' {
            break
        }
        'qwenctl;help;chats;projects' {
            break
        }
        'qwenctl;help;chats;move' {
            break
        }
        'qwenctl;help;archive' {
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show the size of the archive, its last sync and failures')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check the file and its index')
            [CompletionResult]::new('rebuild', 'rebuild', [CompletionResultType]::ParameterValue, 'Make the search index anew')
            [CompletionResult]::new('backup', 'backup', [CompletionResultType]::ParameterValue, 'Write a copy of the archive to a new file')
            [CompletionResult]::new('forget', 'forget', [CompletionResultType]::ParameterValue, 'Delete the archived chats of the account; upstream they stay')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print the path of the archive')
            break
        }
        'qwenctl;help;archive;status' {
            break
        }
        'qwenctl;help;archive;check' {
            break
        }
        'qwenctl;help;archive;rebuild' {
            break
        }
        'qwenctl;help;archive;backup' {
            break
        }
        'qwenctl;help;archive;forget' {
            break
        }
        'qwenctl;help;archive;path' {
            break
        }
        'qwenctl;help;send' {
            break
        }
        'qwenctl;help;quick' {
            break
        }
        'qwenctl;help;chat' {
            break
        }
        'qwenctl;help;token' {
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Store your credentials (hidden prompt or standard input)')
            [CompletionResult]::new('info', 'info', [CompletionResultType]::ParameterValue, 'Show the token''s origin and expiry (exit code 4 if expired)')
            [CompletionResult]::new('refresh', 'refresh', [CompletionResultType]::ParameterValue, 'Refresh the access token and store it')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Remove the stored credentials; the browser stays signed in')
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
        'qwenctl;help;token;remove' {
            break
        }
        'qwenctl;help;account' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the stored accounts and the state of their tokens')
            [CompletionResult]::new('use', 'use', [CompletionResultType]::ParameterValue, 'Make an account the default one')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Remove an account and its credentials from this machine')
            break
        }
        'qwenctl;help;account;list' {
            break
        }
        'qwenctl;help;account;use' {
            break
        }
        'qwenctl;help;account;remove' {
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
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Create an API key and print it once')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the API keys, without the keys themselves')
            [CompletionResult]::new('revoke', 'revoke', [CompletionResultType]::ParameterValue, 'Revoke an API key and its login sessions immediately')
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
        'qwenctl;help;mcp' {
            break
        }
        'qwenctl;help;doctor' {
            break
        }
        'qwenctl;help;config' {
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print the paths of config file, credentials and data')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print the effective settings')
            [CompletionResult]::new('get', 'get', [CompletionResultType]::ParameterValue, 'Print the effective value of a setting')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Change a setting in the config file, and keep the rest of the file')
            [CompletionResult]::new('unset', 'unset', [CompletionResultType]::ParameterValue, 'Remove a setting from the config file')
            [CompletionResult]::new('edit', 'edit', [CompletionResultType]::ParameterValue, 'Edit the config file in $VISUAL or $EDITOR')
            break
        }
        'qwenctl;help;config;path' {
            break
        }
        'qwenctl;help;config;show' {
            break
        }
        'qwenctl;help;config;get' {
            break
        }
        'qwenctl;help;config;set' {
            break
        }
        'qwenctl;help;config;unset' {
            break
        }
        'qwenctl;help;config;edit' {
            break
        }
        'qwenctl;help;templates' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the templates and their variables')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print a template')
            [CompletionResult]::new('edit', 'edit', [CompletionResultType]::ParameterValue, 'Edit a template in $VISUAL or $EDITOR, or make a new one')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print the path of a template, or of the directory')
            break
        }
        'qwenctl;help;templates;list' {
            break
        }
        'qwenctl;help;templates;show' {
            break
        }
        'qwenctl;help;templates;edit' {
            break
        }
        'qwenctl;help;templates;path' {
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
