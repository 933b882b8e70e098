# Run the test suite of the OpenAI SDK for Python without the tests in `deselected.txt`.

deselected=()
while read -r file name _; do
  [[ -n $file && $file != '#'* ]] || continue
  case $file in
    *completions*) classes=(TestCompletions TestAsyncCompletions) ;;
    *) classes=(TestModels TestAsyncModels) ;;
  esac
  for class in "${classes[@]}"; do
    for kind in method raw_response streaming_response; do
      deselected+=(--deselect "tests/api_resources/$file::$class::test_${kind}_$name")
    done
  done
done <"$here/deselected.txt"

echo "--- the test suite of the OpenAI SDK for Python; deselected, with the reasons:"
grep -v '^#' "$here/deselected.txt"
(
  cd "$work"/sdist/openai-*/
  TEST_API_BASE_URL=$OPENAI_BASE_URL "$python" -m pytest -q --no-header -p no:cacheprovider -o addopts= \
    "${deselected[@]}" tests/api_resources/chat/test_completions.py tests/api_resources/test_models.py
)
