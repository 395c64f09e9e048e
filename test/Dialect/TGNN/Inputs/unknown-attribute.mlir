// An attribute that the dialect does not have.
func.func private @f() attributes {tgnn.a = #tgnn<colour red>}
