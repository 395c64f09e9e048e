// Two ops of the tgnn dialect, for the plugin to count.
func.func @embed() {
  %queries = tgnn.targets : !tgnn.query
  %near = tgnn.sample %queries k(10) policy(recent) : !tgnn.neighbourhood
  return
}
