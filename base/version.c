/* The only file that the commit reaches, so that a new one rebuilds nothing else. */
#include "base/version.h"

#include <stdlib.h>

const char version_number[] = "0.1";
const char version_commit[] = LUCCIOLA_COMMIT;

const char *version_data_folder(void)
{
    const char *folder = getenv("LUCCIOLA_DATA");
    return folder && folder[0] ? folder : LUCCIOLA_DATA_DIR;
}
