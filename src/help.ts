import {CommandHelp, Help} from '@oclif/core/help'

class ExamplesFirst extends CommandHelp {
  protected override sections() {
    const sections = super.sections()
    const isExamples = ({header}: {header: string}) => header === 'EXAMPLES'
    return [...sections.filter(isExamples), ...sections.filter((section) => !isExamples(section))]
  }
}

/** oclif's help with the examples first: most people look for the line to copy. */
export default class StratHelp extends Help {
  protected override CommandHelpClass = ExamplesFirst
}
